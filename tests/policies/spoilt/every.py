"""All of them."""

from collections.abc import Mapping

from tests.policies.spoilt.pods import AVAILABILITY, HARDENING, IMAGES, LIFECYCLE
from tests.policies.spoilt.surroundings import ACCESS, CONFIDENTIAL, MONITORING, NAMESPACES, NETWORK, REFERENCES
from tests.policies.spoilt.ways import Spoilt
from tests.policies.spoilt.workloads import JOBS, OPERATED, ROLLOUTS, SCALING, STORAGE

SPOILT: Mapping[str, tuple[Spoilt, ...]] = {
    **HARDENING,
    **IMAGES,
    **LIFECYCLE,
    **ROLLOUTS,
    **AVAILABILITY,
    **SCALING,
    **OPERATED,
    **STORAGE,
    **NETWORK,
    **CONFIDENTIAL,
    **REFERENCES,
    **ACCESS,
    **JOBS,
    **NAMESPACES,
    **MONITORING,
}
"""By policy. Two are broken by options rather than by a field, and have tests of their own."""
