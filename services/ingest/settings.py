"""What an operator may turn."""

from pydantic import Field, SecretStr, field_validator

from services.ingest.domain.addresses import BUCKETS
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of ingest."""

    mqtt_url: SecretStr = Field(
        description="MQTT broker; `mqtts://` for TLS. Name and password of ingest's own account.",
        examples=["mqtt://USER:PASSWORD@HOST:1883"],
    )
    mqtt_ca_file: str = Field(
        "", description="CA certificates that the broker's is checked with; empty: the system's."
    )
    ingest_buckets: str = Field(
        "0-f", description="Hex digits this process owns, e.g. `0-7` or `0,3,c-f`."
    )
    ingest_receive_maximum: int = Field(
        500, ge=1, le=65_535, description="Messages in flight per bucket: bounds memory."
    )
    ingest_keep_alive_s: int = Field(
        20, ge=5, le=600, description="Seconds of silence after which the broker is asked."
    )
    ingest_session_expiry_s: int = Field(
        1_209_600,
        ge=60,
        le=4_294_967_294,
        description="How long the broker keeps messages while ingest is away.",
    )
    ingest_takeovers: int = Field(
        5, ge=1, le=100, description="Times in a row a bucket may be taken before we leave."
    )
    ingest_wait_ms: float = Field(
        2.0, ge=0, le=5, description="How long a small chunk waits for more messages."
    )
    ingest_chunk: int = Field(
        5_000, ge=1, le=50_000, description="Messages at the most that go to Kafka together."
    )
    ingest_ack_events: int = Field(
        100, ge=1, le=10_000, description="Events of a stream after which its source is told."
    )
    ingest_ack_after_s: float = Field(
        600.0, ge=0.1, le=86_400, description="Seconds after which a source is told anyway."
    )
    ingest_answer_s: float = Field(
        10.0, ge=0, le=600, description="Asks of one stream are answered this far apart."
    )
    ingest_ack_expiry_s: int = Field(
        600, ge=1, le=86_400, description="Seconds the broker keeps an ack for an absent source."
    )
    ingest_acks_per_s: int = Field(
        2_000, ge=1, le=100_000, description="Rate at which acks are told at shutdown."
    )
    ingest_registry_cache: int = Field(
        200_000, ge=1_000, le=10_000_000, description="Sources kept in memory."
    )

    @field_validator("mqtt_url")
    @classmethod
    def _mqtt(cls, url: SecretStr) -> SecretStr:
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or scheme not in {"mqtt", "mqtts"} or not rest:
            raise ValueError("it must begin with mqtt:// or mqtts://")
        return url

    @field_validator("ingest_buckets")
    @classmethod
    def _buckets(cls, text: str) -> str:
        return buckets(text)


def buckets(text: str) -> str:
    """The digits that a list of digits and spans means.

    >>> buckets("0-3,8,c-d")
    '01238cd'
    """
    found: set[str] = set()
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        span = BUCKETS[BUCKETS.find(first) : BUCKETS.find(last if dash else first) + 1]
        if len(first) != 1 or first not in BUCKETS or not span:
            raise ValueError("use hex digits and spans, e.g. 0-f")
        found.update(span)
    return "".join(sorted(found))
