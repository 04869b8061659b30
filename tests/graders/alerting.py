"""For every alert a made-up hour that raises it, what is then said, and hours like it that do not."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

Series = Mapping[str, str]
"""By series, its values as promtool writes them: `0+10x60` is 0, 10, 20, …, one a minute."""

REQUESTS = "souk_gateway_public_requests_total"
ANSWERS = "souk_http_request_seconds"
BACKUP = 'kube_cronjob_status_last_successful_time{cronjob="postgres-backup"}'
FREE, SIZE = (
    f'kubelet_volume_stats_{what}_bytes{{namespace="souk-data",persistentvolumeclaim="data-postgres-0"}}'
    for what in ("available", "capacity")
)


class Story(Struct, frozen=True, kw_only=True):
    """Of one alert."""

    bad: Series
    labels: Mapping[str, str]
    """Of the alert, beside its severity."""
    says: str
    good: Sequence[Series]
    minutes: int = 60
    """When it is looked at."""


STORIES: Mapping[str, Story] = {
    "ServiceDown": Story(
        bad={'up{job="souk",app="orders",role="api",pod="a"}': "0x60"},
        labels={"app": "orders", "role": "api"},
        says="No pod of orders api answers",
        good=[
            {
                'up{job="souk",app="orders",role="api",pod="a"}': "0x60",
                'up{job="souk",app="orders",role="api",pod="b"}': "1x60",
            },
            {'up{job="other",app="orders",role="api"}': "0x60"},
        ],
    ),
    "RequestsFail": Story(
        bad={f'{REQUESTS}{{status="5xx"}}': "0+25x60", f'{REQUESTS}{{status="2xx"}}': "0+75x60"},
        labels={},
        says="25% of all requests fail",
        good=[
            {f'{REQUESTS}{{status="5xx"}}': "0x60", f'{REQUESTS}{{status="2xx"}}': "0+75x60"},
            {f'{REQUESTS}{{status="5xx"}}': "0x60", f'{REQUESTS}{{status="2xx"}}': "0x60"},
            {f'{REQUESTS}{{status="4xx"}}': "0+75x60", f'{REQUESTS}{{status="2xx"}}': "0+25x60"},
        ],
    ),
    "ServiceFails": Story(
        bad={
            f'{ANSWERS}_count{{service="orders",status="503"}}': "0+25x60",
            f'{ANSWERS}_count{{service="orders",status="200"}}': "0+75x60",
        },
        labels={"service": "orders"},
        says="orders fails 25% of its requests",
        good=[
            {
                f'{ANSWERS}_count{{service="orders",status="409"}}': "0+25x60",
                f'{ANSWERS}_count{{service="orders",status="200"}}': "0+75x60",
            },
        ],
    ),
    "ServiceSlow": Story(
        bad={
            f'{ANSWERS}_bucket{{service="items",le="1"}}': "0x60",
            f'{ANSWERS}_bucket{{service="items",le="3"}}': "0+100x60",
            f'{ANSWERS}_bucket{{service="items",le="+Inf"}}': "0+100x60",
        },
        labels={"service": "items"},
        says="One request in twenty to items takes over 2.9s",
        good=[
            {
                f'{ANSWERS}_bucket{{service="items",le="1"}}': "0+100x60",
                f'{ANSWERS}_bucket{{service="items",le="+Inf"}}': "0+100x60",
            },
        ],
    ),
    "CircuitOpen": Story(
        bad={'souk_gateway_public_circuit_open{service="items",pod="a"}': "1x60"},
        labels={"service": "items"},
        says="The gateway leaves items alone, because it fails or does not answer",
        good=[{'souk_gateway_public_circuit_open{service="items",pod="a"}': "0x60"}],
    ),
    "OutboxStuck": Story(
        bad={'souk_outbox_oldest_seconds{service="orders",pod="a"}': "90x60"},
        labels={"service": "orders"},
        says="Events of orders wait to be published for 1m 30s",
        good=[{'souk_outbox_oldest_seconds{service="orders",pod="a"}': "30x60"}],
    ),
    "MessagesDead": Story(
        bad={'rabbitmq_queue_messages{queue="orders.dead"}': "2x60"},
        labels={"queue": "orders.dead"},
        says="2 messages in orders.dead were given up",
        good=[
            {
                'rabbitmq_queue_messages{queue="orders.dead"}': "0x60",
                'rabbitmq_queue_messages{queue="orders.in"}': "2x60",
            }
        ],
    ),
    "MessagesWait": Story(
        bad={'rabbitmq_queue_messages_ready{queue="orders.in"}': "2000x60"},
        labels={"queue": "orders.in"},
        says="2000 messages wait in orders.in",
        good=[
            {
                'rabbitmq_queue_messages_ready{queue="orders.in"}': "200x60",
                'rabbitmq_queue_messages_ready{queue="orders.retry.10m"}': "2000x60",
            }
        ],
    ),
    "BrokerBlocks": Story(
        bad={
            'rabbitmq_alarms_memory_used_watermark{pod="a"}': "0x60",
            'rabbitmq_alarms_free_disk_space_watermark{pod="a"}': "1x60",
        },
        labels={},
        says="The broker takes no messages: it is short of memory or disk",
        good=[
            {
                'rabbitmq_alarms_memory_used_watermark{pod="a"}': "0x60",
                'rabbitmq_alarms_free_disk_space_watermark{pod="a"}': "0x60",
            }
        ],
    ),
    "TimersFail": Story(
        bad={'souk_timer_failures_total{service="orders",timer="expiry"}': "0+1x60"},
        labels={"service": "orders", "timer": "expiry"},
        says="expiry of orders fails again and again",
        good=[{'souk_timer_failures_total{service="orders",timer="expiry"}': "0x30 1x30"}],
    ),
    "SearchLags": Story(
        bad={"souk_search_lag_seconds": "300x60"},
        labels={},
        says="The search engine is 5m 0s behind the catalogue",
        good=[{"souk_search_lag_seconds": "5x60"}],
    ),
    "PodsRestart": Story(
        bad={'process_start_time_seconds{job="souk",app="orders",role="worker",pod="a"}': "0+60x60"},
        labels={"app": "orders", "role": "worker"},
        says="orders worker keeps restarting",
        good=[
            {
                f'process_start_time_seconds{{job="souk",app="orders",role="worker",pod="{pod}"}}': f"{pod * 100}x60"
                for pod in range(6)
            }
        ],
    ),
    "BackupOld": Story(
        bad={BACKUP: "0x2000"},
        labels={"cronjob": "postgres-backup"},
        says="postgres-backup has not succeeded for 1d 7h 0m 0s",
        good=[{BACKUP: "0+60x2000"}, {BACKUP.replace("postgres-backup", "report"): "0x2000"}],
        minutes=31 * 60,
    ),
    "VolumeFull": Story(
        bad={FREE: "10x60", SIZE: "100x60"},
        labels={"namespace": "souk-data", "persistentvolumeclaim": "data-postgres-0"},
        says="data-postgres-0 has 10% of its room left",
        good=[{FREE: "50x60", SIZE: "100x60"}],
    ),
}
