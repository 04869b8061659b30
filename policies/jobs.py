"""Work that ends: it does not overlap, hang, pile up or go on failing unseen."""

from policies.mending import SPEC, setting
from policies.objects import CronJob, Job
from policies.rules import Findings, on_kinds


@on_kinds(
    {"CronJob": CronJob},
    why="Two backups of one database at once spoil each other.",
    mend=setting("Forbid", *SPEC, "concurrencyPolicy"),
)
def cron_job_does_not_overlap(cron: CronJob) -> Findings:
    """CronJobs forbid a run while the last is still under way."""
    if cron.spec.concurrency_policy != "Forbid":
        yield f"concurrencyPolicy is {cron.spec.concurrency_policy}"


@on_kinds({"CronJob": CronJob}, why="Without it, 100 missed runs stop a CronJob for good.")
def cron_job_has_starting_deadline(cron: CronJob) -> Findings:
    """CronJobs say how late a run may begin."""
    if cron.spec.starting_deadline_seconds is None:
        yield "startingDeadlineSeconds is not set"


@on_kinds(
    {"CronJob": CronJob},
    why="A failed run is looked into by its pod, which must still be there; too many fill the namespace.",
)
def cron_job_keeps_some_history(cron: CronJob) -> Findings:
    """CronJobs keep 1 to 5 runs of each outcome."""
    kept = {"successful": cron.spec.successful_jobs_history_limit, "failed": cron.spec.failed_jobs_history_limit}
    for outcome, count in kept.items():
        if not 1 <= count <= 5:  # noqa: PLR2004 - the bounds are the policy.
            yield f"{count} {outcome} runs are kept"


@on_kinds({"CronJob": CronJob}, why="A run that hangs keeps every later one from starting.")
def scheduled_run_has_a_deadline(cron: CronJob) -> Findings:
    """Runs of CronJobs have a deadline."""
    if cron.spec.job_template.spec.active_deadline_seconds is None:
        yield "activeDeadlineSeconds is not set"


@on_kinds({"Job": Job}, why="A Job that hangs holds up everything that waits for it.")
def job_has_a_deadline(job: Job) -> Findings:
    """Jobs have a deadline and give up after at most 6 tries."""
    if job.spec.active_deadline_seconds is None:
        yield "activeDeadlineSeconds is not set"
    if job.spec.backoff_limit is None or job.spec.backoff_limit > 6:  # noqa: PLR2004 - Kubernetes' own default.
        yield f"backoffLimit is {job.spec.backoff_limit}"


POLICIES = (
    cron_job_does_not_overlap,
    cron_job_has_starting_deadline,
    cron_job_keeps_some_history,
    scheduled_run_has_a_deadline,
    job_has_a_deadline,
)
