"""What can be run: services and their roles."""

from typing import Final, Literal

Name = Literal["auth", "users", "items", "orders", "sandbox"]
NAMES: Final[tuple[Name, ...]] = ("auth", "users", "items", "orders", "sandbox")
"""In the order in which they are brought up; the gateway is put together in front of them."""

Runnable = Name | Literal["gateway"]
RUNNABLE: Final[tuple[Runnable, ...]] = ("gateway", *NAMES)

Role = Literal["api", "worker", "relay"]
ROLES: Final[tuple[Role, ...]] = ("api", "worker", "relay")
