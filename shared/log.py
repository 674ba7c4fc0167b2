"""Logs: one JSON object a line on stderr, with the event's id wherever there is one.

No personal data goes into a log: log ids. What libraries put into their messages is masked here
(mail addresses, passwords in URLs), as a net and not as a licence. A line has an end, whatever was
said: texts are cut before anything looks at them, and what a terminal would obey is escaped.
"""

import json
import logging
import logging.config
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from typing_extensions import override

from shared.visible import escaped

ROOT = "playcaller"
LINES_REMEMBERED = 1_000

TEXT = 2_000  # characters of a message or of a value
TRACE = 12_000  # of a traceback: its first half and its last
ITEMS = 50  # of a list in `extra`
INTEGER = 2**64  # Python refuses to write the digits of very long ones

# bounded and possessive: one look at a character costs at most 64 steps, whatever stands there
_MAIL = re.compile(r"[\w.+-]{1,64}+@[\w-]{1,63}+\.[\w.-]{0,190}[a-z]", re.IGNORECASE)
_PASSWORD = re.compile(r"(?<=://)[^/\s@]{1,256}+(?=@)")
# what a bare LogRecord has: everything else came from `extra`
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}

# name -> lowest level let through: these say at INFO what is no news to an operator
_LOUD: dict[str, str] = {
    "aiokafka": "WARNING",
    "aiokafka.consumer.group_coordinator": "WARNING",
    "asyncio": "WARNING",
    "uvicorn": "WARNING",
    "uvicorn.access": "ERROR",
    "httpx": "WARNING",
    "alembic": "WARNING",
    "sqlalchemy.engine": "WARNING",
}


class JsonLines(logging.Formatter):
    """One log record as one line of JSON."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    @override
    def format(self, record: logging.LogRecord) -> str:
        """The line: fixed fields first, then whatever was in `extra`."""
        line: dict[str, Any] = {
            "time": _rfc3339(record.created),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        for name, value in vars(record).items():
            if name not in _PLAIN:
                line[name] = _bounded(value)
        if record.exc_info:
            line["exception"] = mask(self.formatException(record.exc_info), TRACE)
        return escaped(json.dumps(line, ensure_ascii=False))


class NowAndThen(logging.Filter):
    """Lets the same line of a library through once in ten seconds.

    While Kafka is away aiokafka repeats itself ten times a second, and our own line that says so
    drowns.
    """

    def __init__(self, every_s: float = 10.0) -> None:
        super().__init__()
        self._every_s = every_s
        self._said: dict[tuple[str, str], float] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to let it through; what is ours always is."""
        if record.name.startswith(ROOT):
            return True
        line = (record.name, str(record.msg)[:TEXT])
        said = self._said.get(line)
        if said is not None and record.created - said < self._every_s:
            return False
        if len(self._said) > LINES_REMEMBERED:
            self._said.clear()
        self._said[line] = record.created
        return True


def mask(text: str, most: int = TEXT) -> str:
    """Mail addresses and the credentials of URLs, hidden; of a long text the begin and the end.

    >>> mask("ann@example.org at postgresql://pc:secret@127.0.0.1/x")
    '(mail) at postgresql://(credentials)@127.0.0.1/x'
    """
    if len(text) > most:
        text = f"{text[: most // 2]} ... {len(text) - most} left out ... {text[-(most // 2) :]}"
    if "@" not in text:
        return text
    return _MAIL.sub("(mail)", _PASSWORD.sub("(credentials)", text))


def setup(service: str, level: str) -> None:
    """Send everything this process logs to stderr as JSON lines."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"now-and-then": {"()": NowAndThen}},
            "formatters": {"json": {"()": JsonLines, "service": service}},
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "formatter": "json",
                    "filters": ["now-and-then"],
                    "stream": "ext://sys.stderr",
                }
            },
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                name: {"level": loud, "handlers": [], "propagate": True}
                for name, loud in _LOUD.items()
            },
        }
    )


def get(name: str) -> logging.Logger:
    """The logger of one part, e.g. `get("stream.consumer")`."""
    return logging.getLogger(f"{ROOT}.{name}")


def _rfc3339(created: float) -> str:
    moment = datetime.fromtimestamp(created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bounded(value: object, depth: int = 3) -> Any:
    """A value as JSON takes it, of bounded size."""
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if -INTEGER < value < INTEGER else "(a very large number)"
        case str():
            return mask(value)
        case Mapping() if depth:
            some = list(value.items())[:ITEMS]
            return {mask(str(name)): _bounded(item, depth - 1) for name, item in some}
        case list() | tuple() if depth:
            return [_bounded(item, depth - 1) for item in value[:ITEMS]]
        case _:
            return mask(str(value))
