"""Jobs that run by the clock. One of a kind runs at a time, and the last of them are kept to be looked at."""

from pulumi_kubernetes.batch.v1 import CronJobSpecArgs, JobSpecArgs, JobTemplateSpecArgs

from infra.pod import Pod


def by_schedule(schedule: str, pod: Pod, *, retries: int, longest_s: int, suspended: bool = False) -> CronJobSpecArgs:
    """`schedule` is cron's, in UTC. A suspended one waits for somebody to make a Job of it."""
    return CronJobSpecArgs(
        schedule=schedule,
        suspend=suspended or None,
        time_zone="Etc/UTC",
        concurrency_policy="Forbid",
        starting_deadline_seconds=600,
        successful_jobs_history_limit=3,
        failed_jobs_history_limit=3,
        job_template=JobTemplateSpecArgs(
            spec=JobSpecArgs(backoff_limit=retries, active_deadline_seconds=longest_s, template=pod.template())
        ),
    )
