"""What `pulumi up` runs."""

from dataclasses import fields

import pulumi
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

from stacks.composing import compose
from stacks.configuration.reading import WrongConfiguration, read, refuse_plain_secrets


def main() -> None:
    """Declare the selected stack. Raises `pulumi.RunError` with every fault of its configuration."""
    try:
        given = get_config_env()
        refuse_plain_secrets(given, get_config_secret_keys_env())
        configuration = read(given)
    except WrongConfiguration as wrong:
        raise pulumi.RunError(f"wrong configuration:\n{wrong}") from wrong
    outputs = compose(pulumi.get_stack(), configuration)
    for field in fields(outputs):
        pulumi.export(field.name, getattr(outputs, field.name))


if __name__ == "__main__":
    main()
