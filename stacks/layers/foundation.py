"""What everything else stands on: namespaces, priorities, network policies and images."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi

from infra.images import BuildArgs, BuiltImage
from infra.labels import Labels
from infra.mesh import Mesh, MeshArgs
from infra.namespace import Namespace, NamespaceArgs, Priorities, PrioritiesArgs, Quota, Rank
from infra.network import Network, NetworkArgs
from infra.pod import Image
from stacks.configuration.shape import Built, Configuration
from stacks.membership import BARE, members_of, meshed
from stacks.neighbours import neighbours
from stacks.places import Places
from stacks.safe import safe_of
from stacks.upstream import base_of, pinned

REPOSITORY = Path(__file__).parents[2]
DOCKERFILES = {"service": "images/service/Dockerfile", "postgres-client": "images/postgres-client/Dockerfile"}


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What later layers need of this one."""

    services: pulumi.Output[str]
    data: pulumi.Output[str]
    monitoring: pulumi.Output[str]
    """Namespaces: whatever is put into one waits for it."""
    ranks: Mapping[Rank, pulumi.Output[str]]
    login: pulumi.Output[str] | None
    """The Secret that images are pulled with, in each of the namespaces."""
    service_image: Image
    client_image: Image


def lay_foundation(configuration: Configuration, places: Places) -> Foundation:
    """Namespaces refuse all traffic before the first pod starts, but for the table of edges."""
    environment = configuration.environment
    namespaces = _namespaces(configuration, places)
    login = _login(namespaces.values())
    priorities = PrioritiesArgs(prefix=f"{environment.prefix}-{places.instance}", labels=places.labels("priority"))
    ranks = Priorities("priorities", priorities).names
    _connect(configuration, places, list(namespaces.values()))
    service_image, client_image = _images(configuration, login)
    return Foundation(
        services=namespaces["services"].name,
        data=namespaces["data"].name,
        monitoring=namespaces["monitoring"].name,
        ranks=ranks,
        login=login,
        service_image=service_image,
        client_image=client_image,
    )


def _namespaces(configuration: Configuration, places: Places) -> Mapping[str, Namespace]:
    protected = pulumi.ResourceOptions(protect=configuration.environment.protect)
    logins = safe_of(configuration).single("registry_logins") if configuration.upstream.login else None
    mesh = configuration.mesh
    inside = {space: mesh.injection() for space in meshed(mesh, places)} if mesh else {}
    return {
        name: Namespace(
            name,
            NamespaceArgs(
                name=space, labels=places.labels(name), quota=quota, further=inside.get(space, {}), logins=logins
            ),
            protected,
        )
        for name, (space, quota) in _bounded(configuration, places).items()
    }


def _connect(configuration: Configuration, places: Places, after: Sequence[pulumi.Resource]) -> None:
    """One table, for the network and for the mesh."""
    edges, mesh = neighbours(configuration, places), configuration.mesh
    spaces = (places.services, places.data, places.monitoring)
    labels: Mapping[str, Labels] = {space: places.labels("network") for space in spaces}
    Network("network", NetworkArgs(edges=edges, namespaces=labels, after=after))
    if mesh is not None:
        args = MeshArgs(
            edges=edges,
            members=members_of(configuration, mesh, places, edges),
            trust_domain=mesh.trust_domain,
            bare=BARE,
            control_plane=mesh.namespace,
            after=after,
        )
        Mesh("mesh", args)


def _bounded(configuration: Configuration, places: Places) -> Mapping[str, tuple[str, Quota]]:
    environment = configuration.environment
    return {
        "services": (places.services, Quota(cpu=environment.max_cpu, memory=environment.max_memory)),
        "data": (places.data, _with_volumes(configuration)),
        "monitoring": (places.monitoring, _with_volumes(configuration)),
    }


def _with_volumes(configuration: Configuration) -> Quota:
    environment = configuration.environment
    return Quota(cpu=environment.max_cpu, memory=environment.max_memory, storage=environment.max_storage, volumes=50)


def _login(namespaces: Iterable[Namespace]) -> pulumi.Output[str] | None:
    """Of the same name in all of them; it is there when it is in each."""
    known = [one.login for one in namespaces if one.login is not None]
    return pulumi.Output.all(*known).apply(lambda names: str(names[0])) if known else None


def _images(configuration: Configuration, login: pulumi.Output[str] | None) -> tuple[Image, Image]:
    images, pull = configuration.images, configuration.upstream.pull
    if isinstance(images, Built):
        service, client = (_build(name, images) for name in DOCKERFILES)
    else:
        service, client = (pulumi.Output.from_input(name) for name in (images.service, images.postgres_client))
    return Image(reference=service, pull=pull, login=login), Image(reference=client, pull=pull, login=login)


def _build(name: str, images: Built) -> pulumi.Output[str]:
    dockerfile = REPOSITORY / DOCKERFILES[name]
    base = images.base_image or pinned(base_of(dockerfile))
    given = {"BASE_IMAGE": base, "BUILD_IMAGE": images.build_image if name == "service" else None}
    build = BuildArgs(
        image=f"{images.registry}/{name}:{images.tag}",
        context=str(REPOSITORY),
        dockerfile=str(dockerfile),
        platform=images.platform,
        push=images.push,
        arguments={name: image for name, image in given.items() if image},
    )
    return BuiltImage(name, build).reference
