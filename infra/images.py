"""Images of our own, built from this repository and used by their digest."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_docker import DockerBuildArgs
from pulumi_docker import Image as DockerImage


@dataclass(frozen=True, kw_only=True)
class BuildArgs:
    """`context` and `dockerfile` are paths."""

    image: str
    """`registry.example/souk/service:main`."""
    context: str
    dockerfile: str
    platform: str
    push: bool
    arguments: Mapping[str, str] = field(default_factory=dict)


class BuiltImage(pulumi.ComponentResource):
    """`reference` is what pods use: the digest that was pushed, or the name alone where nodes have the image."""

    reference: pulumi.Output[str]

    def __init__(self, name: str, args: BuildArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:images:BuiltImage", name, None, opts)
        image = DockerImage(
            name,
            image_name=args.image,
            build=DockerBuildArgs(
                context=args.context,
                dockerfile=args.dockerfile,
                platform=args.platform,
                args=dict(args.arguments),
            ),
            skip_push=not args.push,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.reference = image.repo_digest if args.push else image.image_name
        self.register_outputs({"reference": self.reference})
