"""Templates of messages: checked when they are published, filled for one customer at a time.

A template says words and asks about facts, nothing more: no loops, calls or attributes. So none can
run for long or reach anything, and what it prints is about as long as it is itself.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.journey.domain.facts import FACTS

OFFER_WORDS = ("offer_product", "offer_price", "offer_list_price", "offer_until")
CALL_WORDS = ("booking_url", "call_at", "call_news")
CODE_WORD = "referral_code"
WORDS = ("name", "language", "leave_url", "answer_url", CODE_WORD, *OFFER_WORDS, *CALL_WORDS)
KNOWN: frozenset[str] = frozenset((*WORDS, *(fact.name for fact in FACTS)))
FILTERS = frozenset({"upper", "lower", "title", "capitalize", "trim"})
MOST = 200_000  # characters of what is sent
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Tuple),
)


class BadTemplate(Exception):
    """A template cannot be used; says what is wrong with it, and on which of its lines."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.line = line


def _environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        autoescape=html, undefined=StrictUndefined, keep_trailing_newline=True
    )


_PLAIN, _HTML = _environment(html=False), _environment(html=True)


def check(text: str) -> Collection[str]:
    """The names a template uses that nobody knows. Raises BadTemplate."""
    try:
        tree = _PLAIN.parse(text)
    except TemplateSyntaxError as error:
        raise BadTemplate(error.message or "cannot be read", error.lineno) from None
    unknown: set[str] = set()
    for node in (tree, *tree.find_all(nodes.Node)):
        if not isinstance(node, _ALLOWED):
            what = type(node).__name__.lower()
            raise BadTemplate(f"a message may say words and ask with if, not `{what}`", node.lineno)
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            known = ", ".join(sorted(FILTERS))
            raise BadTemplate(f"unknown filter `{node.name}`; known: {known}", node.lineno)
        if isinstance(node, nodes.Name) and node.name not in KNOWN:
            unknown.add(node.name)
    return unknown


@lru_cache(maxsize=512)
def _compiled(text: str, *, html: bool) -> Template:
    return (_HTML if html else _PLAIN).from_string(text)


def fill(text: str, words: Mapping[str, object], *, html: bool = False) -> str:
    """The text for one customer. Raises BadTemplate: it cannot be made for this one."""
    try:
        filled = _compiled(text, html=html).render(words)
    except Exception as error:
        raise BadTemplate(type(error).__name__, 1) from error
    if len(filled) > MOST:
        raise BadTemplate(f"longer than {MOST} characters", 1)
    return filled
