"""What a program says about an image, and the commands that make it so."""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from tests.lab.engine.refusal import Refused
from tests.lab.engine.wire import Json, Object, list_at, object_at, opened_object, text_at

_HUB = "docker.io"


class Image(Struct, frozen=True, kw_only=True):
    """An image to build, and where it goes."""

    name: str
    context: Path
    dockerfile: Path
    arguments: Mapping[str, str]
    target: str = ""
    platform: str = ""
    network: str = ""
    cache_from: Sequence[str] = ()
    hosts: Sequence[str] = ()
    server: str = ""
    user: str = ""
    password: str = ""
    skips_push: bool = False

    @property
    def is_pushed(self) -> bool:
        return not self.skips_push

    @property
    def full_name(self) -> str:
        """With its registry, as a node looks for it."""
        first, slash, _ = self.name.partition("/")
        is_registry = slash and ("." in first or ":" in first or first == "localhost")
        named = self.name if is_registry else f"{_HUB}/{self.name if slash else f'library/{self.name}'}"
        return named if ":" in named.rpartition("/")[2] else f"{named}:latest"

    @property
    def repository(self) -> str:
        """Without its tag, to be followed by a digest."""
        return self.full_name.rpartition(":")[0]


def image(inputs: Object, folder: Path) -> Image:
    """Of a resource's inputs; relative paths start in the program's folder. Raises `Refused`."""
    given = opened_object(inputs)
    build, registry = object_at(given, "build"), object_at(given, "registry")
    context = folder / (text_at(build, "context") or ".")
    dockerfile = folder / text_at(build, "dockerfile") if text_at(build, "dockerfile") else context / "Dockerfile"
    if not dockerfile.is_file():
        raise Refused(f"there is no Dockerfile {dockerfile}")
    return Image(
        name=text_at(given, "imageName"),
        context=context,
        dockerfile=dockerfile,
        arguments={key: str(value) for key, value in object_at(build, "args").items()},
        target=text_at(build, "target"),
        platform=text_at(build, "platform"),
        network=text_at(build, "network"),
        cache_from=_texts(list_at(build, "cacheFrom", "images")),
        hosts=_texts(list_at(build, "addHosts")),
        server=text_at(registry, "server"),
        user=text_at(registry, "username"),
        password=text_at(registry, "password"),
        skips_push=given.get("skipPush") is True,
    )


def build_command(wanted: Image, *, network: str = "") -> list[str]:
    """`network` is taken where the image names none."""
    options = {
        "--file": str(wanted.dockerfile),
        "--tag": wanted.full_name,
        "--target": wanted.target,
        "--platform": wanted.platform,
        "--network": wanted.network or network,
    }
    said = [word for name, value in options.items() if value for word in (name, value)]
    arguments = [word for key, value in wanted.arguments.items() for word in ("--build-arg", f"{key}={value}")]
    caches = [word for name in wanted.cache_from for word in ("--cache-from", name)]
    hosts = [word for host in wanted.hosts for word in ("--add-host", host)]
    return ["docker", "build", *said, *arguments, *caches, *hosts, str(wanted.context)]


def login(wanted: Image) -> str:
    """The file with which docker logs in, so that a password is in no command line."""
    token = base64.b64encode(f"{wanted.user}:{wanted.password}".encode()).decode()
    server = wanted.server or "https://index.docker.io/v1/"
    return json.dumps({"auths": {server: {"auth": token}} if wanted.user else {}})


def outputs(wanted: Image, inputs: Object, digest: Json) -> Object:
    """As the official plugin records them."""
    return {
        "baseImageName": wanted.name.rpartition(":")[0] or wanted.name,
        "context": str(wanted.context),
        "dockerfile": str(wanted.dockerfile),
        "imageName": inputs.get("imageName"),
        "platform": wanted.platform,
        "registryServer": wanted.server,
        "repoDigest": digest,
    }


def _texts(values: Sequence[Json]) -> list[str]:
    return [str(value) for value in values]
