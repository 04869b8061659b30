"""The pack that `pulumi preview --policy-pack policies` runs."""

from collections.abc import Iterator, Mapping

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.catalogue import RULES, STACK_RULES
from policies.engine import not_known, to_resource
from policies.manifests import NotKnown
from policies.mending import Writable
from policies.rules import Rule, StackRule


def _policy(rule: Rule) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        judged = rule.adjust.apply(args.get_config()) if rule.adjust is not None else rule
        try:
            for finding in judged.check(to_resource(args)):
                report_violation(finding, None)
        except NotKnown as reason:
            raise not_known(reason) from reason

    async def remediate(args: ResourceValidationArgs) -> Mapping[str, object]:
        if rule.mend is None or not isinstance(args.props, Writable) or not any(rule.check(to_resource(args))):
            return {}
        rule.mend(args.props)
        return args.props

    return ResourceValidationPolicy(
        name=rule.name,
        description=f"{rule.must} {rule.why}",
        enforcement_level=EnforcementLevel(rule.level.value),
        validate=validate,
        remediate=remediate if rule.mend is not None else None,
        config_schema=PolicyConfigSchema(rule.adjust.schema) if rule.adjust is not None else None,
    )


def _stack_policy(rule: StackRule) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        try:
            for finding, resource in rule.check([to_resource(each) for each in args.resources]):
                report_violation(finding, resource.urn)
        except NotKnown as reason:
            raise not_known(reason) from reason

    return StackValidationPolicy(
        name=rule.name,
        description=f"{rule.must} {rule.why}",
        enforcement_level=EnforcementLevel(rule.level.value),
        validate=validate,
    )


def _policies() -> Iterator[ResourceValidationPolicy | StackValidationPolicy]:
    for rules in RULES.values():
        yield from map(_policy, rules)
    for stack_rules in STACK_RULES.values():
        yield from map(_stack_policy, stack_rules)


if __name__ == "__main__":
    PolicyPack(name="souk", policies=list(_policies()), enforcement_level=EnforcementLevel.MANDATORY)
