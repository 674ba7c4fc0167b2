"""What to do about a sentence of a server or service: pure."""

import re
from dataclasses import dataclass

# the first whose words are in the sentence; {ends}, {comes}: with or without who starts it again
NEXT: tuple[tuple[str, str], ...] = (
    ("log_diverged", "the log in Kafka is not the one that was read: ./playcaller reconcile, then docs/how-to/at-3-am.md"),
    ("too_much_poison", "was a release deployed? Roll it back: docs/how-to/at-3-am.md"),
    ("migrations", "./playcaller migrate"),
    ("another process reads our buckets", "stop one of the two processes of ingest"),
    ("MQTT broker", "nothing is lost: devices keep their events. ./playcaller logs mosquitto"),
    ("Kafka", "nothing is lost: devices and the broker keep what waits. Is kafka up? ./playcaller logs kafka"),
    ("none applied", "a batch stands. Why: ./playcaller logs {name} -n 20; after 120 s the process {ends}"),
    ("without its group", "it joins again by itself; else after 60 s the process {ends}"),
    ("ostgre", "nothing is lost: Kafka keeps what waits. Is postgres up? ./playcaller logs postgres"),
    ("down: nobody", "./playcaller up"),
    ("down", "{comes}; why it ended: ./playcaller logs {name} -n 20"),
    ("does not answer", "it starts, or is stuck: ./playcaller logs {name} -n 20"),
    ("MISSING", "is the service up? ./playcaller logs {name} -n 20"),
    ("STALLED", "what it waits for stands above, or in: ./playcaller logs {name} -n 20"),
    ("", "./playcaller logs {name} -n 20"),
)  # fmt: skip
COMMAND = re.compile(r"\./playcaller \w+")


@dataclass(frozen=True)
class Where:
    """The installation a sentence is about.

    Attributes:
        watched: a supervisor runs, so what ends is started again by itself.
        folder: as `--folder` takes it; empty, the usual one.
    """

    watched: bool = True
    folder: str = ""


USUAL = Where()


def advised(name: str, sentence: str, where: Where = USUAL) -> str:
    """The sentence, and what to do next.

    >>> advised("support", "unread records, and none applied for 16 s")[:58]
    'unread records, and none applied for 16 s. Next: a batch s'
    >>> advised("kafka", "down", Where(watched=False, folder=".x"))[:57]
    'down. Next: ./playcaller up --folder .x starts it again; '
    """
    first = next(what for words, what in NEXT if words in sentence)
    if where.watched:
        ends, comes = "ends itself and is started again", "it is started again by itself"
    else:
        comes = "./playcaller up starts it again"
        ends = f"ends itself: {comes}"
    todo = first.format(name=name, ends=ends, comes=comes)
    if where.folder:
        todo = COMMAND.sub(lambda command: f"{command[0]} --folder {where.folder}", todo)
    return f"{sentence.rstrip('.')}. Next: {todo}"
