"""Pods and the workloads that make them, as the policies see them."""

from collections.abc import Mapping

from msgspec import UNSET, UnsetType, field

from policies.containers import Container, KeyReference, SecurityContext
from policies.lens import IntOrText, Lens, Metadata, Selector


class ConfigMapVolume(Lens, frozen=True):
    """Files from a ConfigMap."""

    name: str = ""
    optional: bool = False


class SecretVolume(Lens, frozen=True):
    """Files from a Secret."""

    secret_name: str = ""
    optional: bool = False


class ClaimVolume(Lens, frozen=True):
    """A claimed volume."""

    claim_name: str = ""


class ProjectedSource(Lens, frozen=True):
    """One of several in a folder."""

    config_map: KeyReference | None = None


class ProjectedVolume(Lens, frozen=True):
    """Files from several sources."""

    sources: tuple[ProjectedSource, ...] = ()


class EmptyDir(Lens, frozen=True):
    """A folder that goes with the pod."""

    size_limit: IntOrText = ""


class Volume(Lens, frozen=True):
    """Of a pod."""

    name: str = ""
    config_map: ConfigMapVolume | None = None
    secret: SecretVolume | None = None
    persistent_volume_claim: ClaimVolume | None = None
    projected: ProjectedVolume | None = None
    empty_dir: EmptyDir | None = None


class SpreadConstraint(Lens, frozen=True):
    """A topology spread constraint."""

    topology_key: str = ""
    label_selector: Selector = Selector()


class AffinityTerm(Lens, frozen=True):
    """Pods whose company is sought or shunned."""

    topology_key: str = ""
    label_selector: Selector = Selector()


class WeightedTerm(Lens, frozen=True):
    """A wish."""

    pod_affinity_term: AffinityTerm = AffinityTerm()


class AntiAffinity(Lens, frozen=True):
    """Which pods a pod shuns."""

    required_during_scheduling_ignored_during_execution: tuple[AffinityTerm, ...] = ()
    preferred_during_scheduling_ignored_during_execution: tuple[WeightedTerm, ...] = ()

    @property
    def terms(self) -> tuple[AffinityTerm, ...]:
        """Wished for or insisted on."""
        wished = self.preferred_during_scheduling_ignored_during_execution
        insisted = self.required_during_scheduling_ignored_during_execution
        return (*insisted, *(term.pod_affinity_term for term in wished))


class Affinity(Lens, frozen=True):
    """Of a pod."""

    pod_anti_affinity: AntiAffinity = AntiAffinity()


class PodSpec(Lens, frozen=True):
    """Of a pod."""

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    security_context: SecurityContext = SecurityContext()
    service_account_name: str = ""
    automount_service_account_token: bool = True
    enable_service_links: bool = True
    host_network: bool = False
    host_pid: bool = field(default=False, name="hostPID")
    host_ipc: bool = field(default=False, name="hostIPC")
    termination_grace_period_seconds: int = 30
    topology_spread_constraints: tuple[SpreadConstraint, ...] = ()
    affinity: Affinity = Affinity()
    priority_class_name: str = ""
    restart_policy: str = "Always"


class PodTemplate(Lens, frozen=True):
    """Of a workload."""

    metadata: Metadata = Metadata()
    spec: PodSpec = PodSpec()


class RollingUpdate(Lens, frozen=True):
    """Of a Deployment."""

    max_surge: IntOrText = "25%"
    max_unavailable: IntOrText = "25%"


class Strategy(Lens, frozen=True):
    """Of a Deployment."""

    type: str = "RollingUpdate"
    rolling_update: RollingUpdate = RollingUpdate()


class ClaimRetention(Lens, frozen=True):
    """What becomes of a StatefulSet's claims."""

    when_deleted: str = "Retain"
    when_scaled: str = "Retain"


class ClaimTemplate(Lens, frozen=True):
    """Of a StatefulSet."""

    metadata: Metadata = Metadata()


class WorkloadSpec(Lens, frozen=True):
    """Of a Deployment, StatefulSet, DaemonSet or Rollout."""

    replicas: int | UnsetType = UNSET
    workload_ref: Mapping[str, object] | None = None
    """Of a Rollout that takes its pods from a Deployment."""
    selector: Selector = Selector()
    template: PodTemplate = PodTemplate()
    strategy: Strategy = Strategy()
    revision_history_limit: int = 10
    service_name: str = ""
    persistent_volume_claim_retention_policy: ClaimRetention = ClaimRetention()
    volume_claim_templates: tuple[ClaimTemplate, ...] = ()


class Workload(Lens, frozen=True):
    """A Deployment, StatefulSet, DaemonSet or Rollout."""

    metadata: Metadata = Metadata()
    spec: WorkloadSpec = WorkloadSpec()


class JobSpec(Lens, frozen=True):
    """Of a Job."""

    template: PodTemplate = PodTemplate()
    backoff_limit: int | None = None
    active_deadline_seconds: int | None = None


class Job(Lens, frozen=True):
    """A Job."""

    metadata: Metadata = Metadata()
    spec: JobSpec = JobSpec()


class JobTemplate(Lens, frozen=True):
    """Of a CronJob."""

    spec: JobSpec = JobSpec()


class CronJobSpec(Lens, frozen=True):
    """Of a CronJob."""

    concurrency_policy: str = "Allow"
    starting_deadline_seconds: int | None = None
    successful_jobs_history_limit: int = 3
    failed_jobs_history_limit: int = 1
    suspend: bool = False
    job_template: JobTemplate = JobTemplate()


class CronJob(Lens, frozen=True):
    """A CronJob."""

    metadata: Metadata = Metadata()
    spec: CronJobSpec = CronJobSpec()


class BarePod(Lens, frozen=True):
    """A Pod that no workload owns."""

    metadata: Metadata = Metadata()
    spec: PodSpec = PodSpec()
