"""What `pulumi up` runs in this folder."""

import pulumi

from stacks.cluster.installing import Wanted, install
from stacks.configuration.reading import WrongConfiguration, decode

PROJECT = "souk-cluster"


def main() -> None:
    """Declare the addons of the selected cluster. Raises `pulumi.RunError` for a wrong configuration."""
    try:
        wanted = decode(Wanted, PROJECT, pulumi.runtime.get_config_env())
    except WrongConfiguration as wrong:
        raise pulumi.RunError(f"wrong configuration:\n{wrong}") from wrong
    pulumi.export("installed", install(pulumi.get_stack(), wanted))


if __name__ == "__main__":
    main()
