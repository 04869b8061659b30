"""What `pulumi up` runs."""

from dataclasses import fields

import pulumi

from stacks.composing import compose
from stacks.configuration.reading import WrongConfiguration, read


def main() -> None:
    """Declare the selected stack. Raises `pulumi.RunError` with every fault of its configuration."""
    try:
        configuration = read(pulumi.runtime.get_config_env())
    except WrongConfiguration as wrong:
        raise pulumi.RunError(f"wrong configuration:\n{wrong}") from wrong
    outputs = compose(pulumi.get_stack(), configuration)
    for field in fields(outputs):
        pulumi.export(field.name, getattr(outputs, field.name))


if __name__ == "__main__":
    main()
