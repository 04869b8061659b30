"""A stack as YAML for GitOps, in the order in which it is applied: `python -m stacks.rendering` is `make render`."""
