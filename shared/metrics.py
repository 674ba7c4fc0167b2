"""Every metric, with its sentence. No other file makes one: `metrics.REJECTS.labels(...).inc()`."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.metrics import MetricWrapperBase

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)  # memory, CPU and open files of the process

# seconds; fine where work is usually done, coarse where it is already an incident
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def _counter(name: str, sentence: str, *labels: str) -> Counter:
    return Counter(f"playcaller_{name}", sentence, labels, registry=REGISTRY)


def _gauge(name: str, sentence: str, *labels: str) -> Gauge:
    return Gauge(f"playcaller_{name}", sentence, labels, registry=REGISTRY)


def _seconds(name: str, sentence: str, *labels: str) -> Histogram:
    return Histogram(
        f"playcaller_{name}_seconds", sentence, labels, buckets=_SECONDS, registry=REGISTRY
    )


# ingest: from MQTT to Kafka
MESSAGES = _counter("ingest_messages", "MQTT messages read from the broker.")
ACCEPTED = _counter("ingest_events_accepted", "Valid events, by the topic they go to.", "topic")
REJECTS = _counter("ingest_rejects", "Events or messages refused, by reason.", "reason")
PUBACKS = _counter("ingest_pubacks", "MQTT acknowledgements sent, after Kafka's.")
APP_ACKS = _counter("ingest_app_acks", "Ack messages sent to sources.")
ASKS = _counter("ingest_asks", "Times a source asked which of its events had arrived.")
RECONNECTS = _counter("ingest_reconnects", "Connections to the MQTT broker made after a loss.")
SESSIONS_LOST = _counter(
    "ingest_sessions_lost", "Reconnects at which the broker had forgotten the session."
)
BROKER_REFUSED = _counter(
    "ingest_broker_refused",
    "Connections that the MQTT broker refused or ended, as far as it tells, by reason.",
    "reason",
)
BROKER_UNREAD = _gauge(
    "ingest_broker_unread",
    "Publishes that the broker received and gave to nobody since ingest started: denied, or waiting.",
)
BROKER_HOLDS = _gauge(
    "ingest_broker_holds",
    "What the MQTT broker holds: clients `connected`, `sessions` of these and of those away, "
    "`subscriptions`.",
    "what",
)
BROKER_RELOADS = _counter("ingest_broker_reloads", "Times the broker was told to read its files.")
BROKER_ACCOUNTS = _gauge(
    "ingest_broker_accounts", "Devices and apps with a password at the broker."
)
EVICTED = _counter("ingest_evicted", "Live connections ended because a credential went.")
UNPROMISED_DROPPED = _counter(
    "ingest_dropped_qos0", "QoS 0 messages given up: too many waited, or their connection ended."
)
IN_FLIGHT = _gauge("ingest_in_flight", "MQTT messages read and not yet acknowledged.")
PROCESSING_SECONDS = _seconds("ingest_processing", "From reading a message to its MQTT ack.")

# producer: ingest's events, and every service's outbox
PRODUCED_BATCHES = _counter("producer_batches", "Batches that Kafka confirmed.")
PRODUCED_BYTES = _counter("producer_bytes", "Bytes of values that Kafka confirmed.")
PRODUCER_REBUILDS = _counter(
    "producer_rebuilds", "Times a failed produce made the process build a new producer."
)

# consumer: from Kafka to the database
RECORDS = _counter("consumer_records", "Records read from Kafka, by topic.", "topic")
DUPLICATES = _counter("consumer_duplicates", "Records seen before and left out.", "topic")
QUARANTINED = _counter(
    "consumer_quarantined", "Records put into quarantine, by topic and reason.", "topic", "reason"
)
TIMERS_ASIDE = _counter("timers_aside", "Timers that raised and were set aside for a while.")
QUARANTINE = _gauge("quarantine_records", "Records that wait in quarantine.")
BATCHES = _counter("consumer_batches", "Batches applied, one database transaction each.")
BATCH_SECONDS = _seconds("consumer_batch", "Time to apply one batch, commit included.")
FENCE_LOST = _counter(
    "consumer_fence_lost", "Batches given up because another member had taken the partition."
)
FRAGMENTED = _gauge(
    "consumer_fragmented_sources",
    "Sources with more than 1,000 gaps in their numbers within a day.",
)
LOG_DIVERGED = _counter(
    "consumer_log_diverged", "Partitions stopped because the log is not the one we had read."
)
CONSUMER_RENEWALS = _counter(
    "consumer_renewals", "Times a client one of whose tasks had died was replaced by a new one."
)
CLOCK = _gauge("consumer_clock_seconds", "The service's clock, seconds since 1970 (UTC).")
LAG = _gauge("consumer_lag_records", "Records behind the end of a partition.", "topic", "partition")

# outbox: from the database to Kafka
OUTBOX_UNPUBLISHED = _gauge("outbox_unpublished", "Own events waiting to be published.")
OUTBOX_OLDEST = _gauge("outbox_oldest_seconds", "Age of the oldest own event that waits.")
OUTBOX_REFUSED = _gauge("outbox_refused", "Own events that Kafka refuses for good: set aside.")
OUTBOX_PUBLISHED = _counter("outbox_published", "Own events Kafka confirmed, by topic.", "topic")

# the audit
AUDITED = _counter("audit_rows", "Changes by people and programs written into the audit.")

# HTTP
HTTP_REQUESTS = _counter(
    "http_requests", "Requests answered, by method, route and status.", "method", "route", "status"
)
HTTP_SECONDS = _seconds("http", "Time to answer a request, by route.", "route")
REFUSED = _counter(
    "refused", "Requests of strangers and of those without the right, by why.", "why"
)
THROTTLED = _counter(
    "http_throttled",
    "Requests answered 429: of an `identity`, to an `open` route, `signed` webhooks, `watching`, `refused` too often, "
    "`sensitive` acts.",
    "of",
)
CUT = _counter("http_cut", "Connections ended by the server out of turn, by why.", "why")

DELIVERIES = _counter(
    "deliveries",
    "What shops sent, by what became of it: `done`, `ignored` (of no matter here), `kept` (for people), "
    "`repeated`.",
    "shop",
    "outcome",
)

# one service asks another
SERVICE_CALLS = _counter(
    "service_calls",
    "Requests to another service of ours: `answered`, `refused` with a problem, `away`, or `held` "
    "back because it has not answered lately.",
    "service",
    "outcome",
)
SERVICE_CIRCUIT_OPEN = _gauge(
    "service_circuit_open",
    "1 while another service of ours is not asked, because it does not answer.",
    "service",
)

# effects to the outside
EFFECTS = _counter(
    "effects",
    "Effects to the outside by what became of a try: `accepted`, `failed`, `unknown`, `suppressed`, "
    "`again` (nothing happened), `repeated` (it may have happened before).",
    "kind",
    "outcome",
)
EFFECT_SECONDS = _seconds("effect", "Time of one act outside, by kind.", "kind")
EFFECTS_WAITING = _gauge("effects_waiting", "Effects planned or under way.", "kind")
EFFECTS_UNKNOWN = _gauge("effects_unknown", "Effects that a person has to look after.", "kind")
EFFECTS_LATE = _gauge("effects_late_seconds", "How long the oldest due effect waits.", "kind")

INFO = _gauge("info", "1; the label names the service of this process.", "service")

CATALOGUE: tuple[MetricWrapperBase, ...] = (
    MESSAGES,
    ACCEPTED,
    REJECTS,
    PRODUCED_BATCHES,
    PRODUCED_BYTES,
    PRODUCER_REBUILDS,
    PUBACKS,
    APP_ACKS,
    ASKS,
    RECONNECTS,
    SESSIONS_LOST,
    UNPROMISED_DROPPED,
    BROKER_REFUSED,
    BROKER_UNREAD,
    BROKER_HOLDS,
    BROKER_RELOADS,
    BROKER_ACCOUNTS,
    EVICTED,
    IN_FLIGHT,
    PROCESSING_SECONDS,
    RECORDS,
    DUPLICATES,
    QUARANTINED,
    QUARANTINE,
    TIMERS_ASIDE,
    BATCHES,
    BATCH_SECONDS,
    FENCE_LOST,
    LOG_DIVERGED,
    FRAGMENTED,
    CONSUMER_RENEWALS,
    CLOCK,
    LAG,
    OUTBOX_UNPUBLISHED,
    OUTBOX_OLDEST,
    OUTBOX_REFUSED,
    OUTBOX_PUBLISHED,
    AUDITED,
    HTTP_REQUESTS,
    HTTP_SECONDS,
    REFUSED,
    THROTTLED,
    CUT,
    DELIVERIES,
    SERVICE_CALLS,
    SERVICE_CIRCUIT_OPEN,
    EFFECTS,
    EFFECT_SECONDS,
    EFFECTS_WAITING,
    EFFECTS_UNKNOWN,
    EFFECTS_LATE,
    INFO,
)
