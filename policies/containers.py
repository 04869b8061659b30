"""Containers as the policies see them."""

from collections.abc import Mapping

from policies.lens import IntOrText, Lens


class Seccomp(Lens, frozen=True):
    """A seccomp profile."""

    type: str = ""


class Capabilities(Lens, frozen=True):
    """Of a container."""

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class SecurityContext(Lens, frozen=True):
    """Of a container or of a whole pod; a container's own wins."""

    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    seccomp_profile: Seccomp | None = None
    read_only_root_filesystem: bool = False
    allow_privilege_escalation: bool = True
    privileged: bool = False
    capabilities: Capabilities = Capabilities()
    proc_mount: str = "Default"


class KeyReference(Lens, frozen=True):
    """A key of a ConfigMap or Secret."""

    name: str = ""
    optional: bool = False


class EnvironmentSource(Lens, frozen=True):
    """Where a variable comes from."""

    secret_key_ref: KeyReference | None = None
    config_map_key_ref: KeyReference | None = None


class EnvironmentVariable(Lens, frozen=True):
    """Of a container."""

    name: str = ""
    value: str | None = None
    value_from: EnvironmentSource = EnvironmentSource()


class EnvironmentFrom(Lens, frozen=True):
    """Variables taken all together."""

    secret_ref: KeyReference | None = None
    config_map_ref: KeyReference | None = None


class HttpGet(Lens, frozen=True):
    """A request."""

    path: str = "/"
    port: IntOrText = 0


class Exec(Lens, frozen=True):
    """A command."""

    command: tuple[str, ...] = ()


class Sleep(Lens, frozen=True):
    """A pause."""

    seconds: int = 0


class Handler(Lens, frozen=True):
    """What a probe or a lifecycle hook does."""

    exec: Exec | None = None
    http_get: HttpGet | None = None
    sleep: Sleep | None = None


class Lifecycle(Lens, frozen=True):
    """Of a container."""

    pre_stop: Handler | None = None


class ContainerPort(Lens, frozen=True):
    """Of a container."""

    host_port: int = 0


class Resources(Lens, frozen=True):
    """Of a container."""

    requests: Mapping[str, IntOrText | float] = {}
    limits: Mapping[str, IntOrText | float] = {}


class Container(Lens, frozen=True):
    """Of a pod."""

    name: str = ""
    image: str = ""
    image_pull_policy: str = ""
    restart_policy: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvironmentVariable, ...] = ()
    env_from: tuple[EnvironmentFrom, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    resources: Resources = Resources()
    security_context: SecurityContext = SecurityContext()
    startup_probe: Handler | None = None
    liveness_probe: Handler | None = None
    readiness_probe: Handler | None = None
    lifecycle: Lifecycle = Lifecycle()
