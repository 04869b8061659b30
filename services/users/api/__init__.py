"""HTTP in, by subject. Which handlers there are is told here, and nothing else."""

from services.users.api.addresses import ADDRESSES
from services.users.api.desk import Desk
from services.users.api.internal import INTERNAL
from services.users.api.profiles import PROFILES
from services.users.api.sellers import SELLERS
from services.users.api.shop import SHOP
from services.users.api.staff import STAFF
from services.users.api.wishes import WISHES

HANDLERS = (*PROFILES, *ADDRESSES, *WISHES, *SELLERS, *SHOP, *STAFF, *INTERNAL)

__all__ = ["HANDLERS", "Desk"]
