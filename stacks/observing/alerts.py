"""When somebody is told. Each alert has a runbook of its name in docs/runbooks."""

from infra.alerting import Alert

ALERTS = (
    Alert(
        name="ServiceDown",
        expression='sum by (app, role) (up{job="souk"}) == 0',
        for_minutes=2,
        severity="critical",
        summary="No pod of {{ $labels.app }} {{ $labels.role }} answers",
    ),
    Alert(
        name="RequestsFail",
        expression=(
            'sum(rate(souk_gateway_public_requests_total{status="5xx"}[5m]))'
            " / sum(rate(souk_gateway_public_requests_total[5m])) > 0.01"
        ),
        for_minutes=5,
        severity="critical",
        summary="{{ $value | humanizePercentage }} of all requests fail",
    ),
    Alert(
        name="ServiceFails",
        expression=(
            'sum by (service) (rate(souk_http_request_seconds_count{status=~"5.."}[5m]))'
            " / sum by (service) (rate(souk_http_request_seconds_count[5m])) > 0.02"
        ),
        for_minutes=5,
        severity="warning",
        summary="{{ $labels.service }} fails {{ $value | humanizePercentage }} of its requests",
    ),
    Alert(
        name="ServiceSlow",
        expression=("histogram_quantile(0.95, sum by (service, le) (rate(souk_http_request_seconds_bucket[5m]))) > 1"),
        for_minutes=10,
        severity="warning",
        summary="One request in twenty to {{ $labels.service }} takes over {{ $value | humanizeDuration }}",
    ),
    Alert(
        name="CircuitOpen",
        expression="max by (service) (souk_gateway_public_circuit_open) == 1",
        for_minutes=2,
        severity="critical",
        summary="The gateway leaves {{ $labels.service }} alone, because it fails or does not answer",
    ),
    Alert(
        name="OutboxStuck",
        expression="max by (service) (souk_outbox_oldest_seconds) > 60",
        for_minutes=5,
        severity="critical",
        summary="Events of {{ $labels.service }} wait to be published for {{ $value | humanizeDuration }}",
    ),
    Alert(
        name="MessagesDead",
        expression='sum by (queue) (rabbitmq_queue_messages{queue=~".+\\\\.dead"}) > 0',
        for_minutes=1,
        severity="warning",
        summary="{{ $value }} messages in {{ $labels.queue }} were given up",
    ),
    Alert(
        name="MessagesWait",
        expression='sum by (queue) (rabbitmq_queue_messages_ready{queue=~".+\\\\.in"}) > 1000',
        for_minutes=10,
        severity="warning",
        summary="{{ $value }} messages wait in {{ $labels.queue }}",
    ),
    Alert(
        name="BrokerBlocks",
        expression=(
            "max(rabbitmq_alarms_memory_used_watermark) > 0 or max(rabbitmq_alarms_free_disk_space_watermark) > 0"
        ),
        for_minutes=1,
        severity="critical",
        summary="The broker takes no messages: it is short of memory or disk",
    ),
    Alert(
        name="TimersFail",
        expression="sum by (service, timer) (increase(souk_timer_failures_total[15m])) > 3",
        for_minutes=5,
        severity="warning",
        summary="{{ $labels.timer }} of {{ $labels.service }} fails again and again",
    ),
    Alert(
        name="SearchLags",
        expression="max(souk_search_lag_seconds) > 120",
        for_minutes=5,
        severity="warning",
        summary="The search engine is {{ $value | humanizeDuration }} behind the catalogue",
    ),
    Alert(
        name="PodsRestart",
        expression='sum by (app, role) (changes(process_start_time_seconds{job="souk"}[30m])) > 3',
        for_minutes=1,
        severity="warning",
        summary="{{ $labels.app }} {{ $labels.role }} keeps restarting",
    ),
    # These two need kube-state-metrics; without it they stay silent.
    Alert(
        name="BackupOld",
        expression=(
            'time() - max by (cronjob) (kube_cronjob_status_last_successful_time{cronjob=~".+-backup(-check)?"})'
            " > 30 * 3600"
        ),
        for_minutes=10,
        severity="critical",
        summary="{{ $labels.cronjob }} has not succeeded for {{ $value | humanizeDuration }}",
    ),
    Alert(
        name="VolumeFull",
        expression=(
            "min by (namespace, persistentvolumeclaim)"
            " (kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes) < 0.15"
        ),
        for_minutes=10,
        severity="critical",
        summary="{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} of its room left",
    ),
)
