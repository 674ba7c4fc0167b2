"""What to do about a sentence of a server or service: pure."""

# the first whose words are in the sentence
NEXT: tuple[tuple[str, str], ...] = (
    ("log_diverged", "the log in Kafka is not the one that was read: ./playcaller reconcile, then docs/how-to/at-3-am.md"),
    ("too_much_poison", "was a release deployed? Roll it back: docs/how-to/at-3-am.md"),
    ("migrations", "./playcaller migrate"),
    ("another process reads our buckets", "stop one of the two processes of ingest"),
    ("MQTT broker", "nothing is lost: devices keep their events. ./playcaller logs mosquitto"),
    ("Kafka", "nothing is lost: devices and the broker keep what waits. Is kafka up? ./playcaller logs kafka"),
    ("none applied", "a batch stands. Why: ./playcaller logs {name} -n 20; after 120 s the process ends itself and is started again"),
    ("without its group", "it joins again by itself, or ends itself after 60 s and is started again"),
    ("ostgre", "nothing is lost: Kafka keeps what waits. Is postgres up? ./playcaller logs postgres"),
    ("down: nobody", "./playcaller up"),
    ("down", "it is started again by itself; why it ended: ./playcaller logs {name} -n 20"),
    ("does not answer", "it starts, or is stuck: ./playcaller logs {name} -n 20"),
    ("MISSING", "is the service up? ./playcaller logs {name} -n 20"),
    ("STALLED", "what it waits for stands above, or in: ./playcaller logs {name} -n 20"),
    ("", "./playcaller logs {name} -n 20"),
)  # fmt: skip


def advised(name: str, sentence: str) -> str:
    """The sentence, and what to do next.

    >>> advised("support", "unread records, and none applied for 16 s")[:58]
    'unread records, and none applied for 16 s. Next: a batch s'
    """
    first = next(what for words, what in NEXT if words in sentence)
    return f"{sentence.rstrip('.')}. Next: {first.format(name=name)}"
