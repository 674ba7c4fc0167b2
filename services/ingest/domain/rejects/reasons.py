"""Every reason for which ingest refuses something, with the sentence people read."""

from datetime import timedelta

REASONS: dict[str, str] = {
    "empty": "The message has no bytes.",
    "too_large": "The message is larger than 64 KiB.",
    "not_utf8": "The bytes are not UTF-8.",
    "malformed_json": "The text is not JSON.",
    "not_a_number": "A number is NaN or infinite, which JSON does not know.",
    "too_deep": "Objects or arrays are nested too deeply.",
    "not_an_object": "An event must be a JSON object.",
    "too_many_elements": "An array may hold at most 500 events.",
    "duplicate_key": "A field is there twice.",
    "missing_field": "A required field is missing.",
    "wrong_type": "A field has the wrong type.",
    "out_of_range": "A field's value is not one of the permitted ones, or is too much.",
    "unknown_type": "No event type has this name (yet).",
    "wrong_stream": "The event type belongs to another stream.",
    "bad_seq": "`seq` must be a whole number from 0 to 2^53 - 1.",
    "bad_boot": "`boot` must be 16 to 64 hex digits, in lower case.",
    "bad_time": "A time is unreadable or has no zone; or there is no `sent`, and `at` is beyond 400 days "
    "ago or 24 h ahead.",
    "source_mismatch": "`source` is not the one of the MQTT topic.",
    "too_many_fields": "More than 64 unknown fields, or 8,000 arrays and objects within one event.",
    "nul_in_string": "A text contains the character NUL.",
    "unknown_stream": "This kind of source has no such stream.",
    "bad_topic": "The MQTT topic names no valid source id, or another source's bucket, "
    "or is longer than 200 bytes.",
    "bad_beacon": "A beacon must be an object with `now` and `step_s`.",
    "no_stream_clock": "Beacons are taken only in stream-clock mode.",
    "unknown_device": "The registry does not know this source (yet).",
    "retired": "The source has been retired.",
    "boot_closed": "This `boot` was last heard more than 400 days ago.",
    "too_many_boots": "The source has begun 20 other boots within a day: its counter is not stored.",
    "kafka_refused": "Kafka takes no such event: it is larger than its topic permits.",
    "internal_error": "Ingest could not judge it: a fault of ours, kept for whoever mends it.",
}

CURABLE = frozenset(
    {"unknown_device", "unknown_type", "retired", "kafka_refused", "internal_error"}
)
"""Judged again, with the original receive time, when the registry or the catalogue changes."""

KEEP = timedelta(days=14)
KEEP_CURABLE = timedelta(days=30)

MOST_BYTES = 8 * 1024 * 1024
"""Kept of one source at the most: 128 of the largest messages."""

COUNTED_BYTES = 4 * 1024
"""What a payload counts at the least, so that no source has more than 2,048 rows with bytes."""

EMPTIED = "Its bytes made room for newer ones of this source: it cannot be judged again."


def keep(reason: str) -> timedelta:
    """How long the bytes of a refused message are kept."""
    return KEEP_CURABLE if reason in CURABLE else KEEP
