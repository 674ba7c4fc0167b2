"""What an operator may turn."""

from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from services.ingest.domain.messages.addresses import BUCKETS
from shared.settings import ServiceSettings
from shared.unsafe import is_loopback


class Settings(ServiceSettings):
    """Settings of ingest."""

    mqtt_url: SecretStr = Field(
        description="The MQTT broker's inner listener, with the name of ingest's own account there.",
        examples=["mqtts://_ingest@HOST:8884"],
    )
    mqtt_ca_file: str = Field(
        "", description="CA certificates that the broker's is checked with; empty: the system's."
    )
    ingest_monitor_url: SecretStr | None = Field(
        None,
        description="The account that hears the broker's log and ends connections, at its inner "
        "listener; unset: refusals are not counted, revoked certificates end when they reconnect.",
        examples=["mqtts://_monitor@HOST:8884"],
    )
    ingest_accounts_folder: Path | None = Field(
        None,
        description="Folder with ACCOUNT.pem and ACCOUNT-key.pem, certificate and key of each account "
        "in these addresses; unset: the addresses carry passwords, as in `mqtts://USER:PASSWORD@HOST`.",
    )
    ingest_broker_folder: Path | None = Field(
        None,
        description="Folder in which the broker's password file and revocation list are kept up to "
        "date; unset: not by this process.",
    )
    ingest_broker_pid_file: Path | None = Field(
        None, description="Of the broker, to tell it of changes; unset: it notices by itself."
    )
    ingest_devices_ca_file: Path | None = Field(
        None, description="Certificate of the authority that certifies devices; unset: none does."
    )
    ingest_devices_ca_key_file: Path | None = Field(
        None, description="Its private key, readable by its owner only."
    )
    ingest_app_credential_s: int = Field(
        86_400, ge=60, le=2_592_000, description="Seconds an app's password is good."
    )
    ingest_claim_code_s: int = Field(
        900, ge=60, le=604_800, description="Seconds a claim code is good."
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
        4_294_967_295,
        ge=60,
        le=4_294_967_295,
        description="Seconds the broker keeps messages while ingest is away; by itself for ever "
        "(4294967295): mosquitto before 2.1 spoils its list of ends when it reads its files.",
    )
    ingest_takeovers: int = Field(
        5,
        ge=1,
        le=100,
        description="Times in a row a bucket may be taken before we pause for a minute or two.",
    )
    ingest_wait_ms: float = Field(
        2.0,
        ge=0,
        le=5,
        description="How long a small chunk waits for more messages, where many come.",
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

    @field_validator("mqtt_url", "ingest_monitor_url")
    @classmethod
    def _mqtt(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or scheme not in {"mqtt", "mqtts"} or not rest:
            raise ValueError("it must begin with mqtt:// or mqtts://")
        split_result = urlsplit(url.get_secret_value())
        if scheme == "mqtt" and not is_loopback(split_result.hostname or ""):
            raise ValueError("outside loopback it must begin with mqtts://")
        if not split_result.username:
            raise ValueError("it must carry the name of an account, e.g. mqtts://_ingest@HOST")
        return url

    @model_validator(mode="after")
    def _account_is_shown(self) -> Self:
        for name, url in (
            ("MQTT_URL", self.mqtt_url),
            ("INGEST_MONITOR_URL", self.ingest_monitor_url),
        ):
            if url is not None:
                self._check_shown(name, urlsplit(url.get_secret_value()))
        return self

    def _check_shown(self, name: str, url: SplitResult) -> None:
        folder = self.ingest_accounts_folder
        if folder is None:
            if not url.password:
                raise ValueError(f"{name} must carry a password, or INGEST_ACCOUNTS_FOLDER be set")
            return
        if url.scheme != "mqtts":
            raise ValueError(f"{name} must begin with mqtts:// where INGEST_ACCOUNTS_FOLDER is set")

    @model_validator(mode="after")
    def _whole_authority(self) -> Self:
        if (self.ingest_devices_ca_file is None) != (self.ingest_devices_ca_key_file is None):
            raise ValueError(
                "INGEST_DEVICES_CA_FILE and INGEST_DEVICES_CA_KEY_FILE go together: set both or none"
            )
        return self

    @field_validator("ingest_buckets")
    @classmethod
    def _buckets(cls, text: str) -> str:
        return buckets(text)


def buckets(text: str) -> str:
    """The digits that a list of digits and spans means.

    >>> buckets("0-3,8,c-d")
    '01238cd'
    """
    owned: set[str] = set()
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        span = BUCKETS[BUCKETS.find(first) : BUCKETS.find(last if dash else first) + 1]
        if len(first) != 1 or first not in BUCKETS or not span:
            raise ValueError("use hex digits and spans, e.g. 0-f")
        owned.update(span)
    return "".join(sorted(owned))
