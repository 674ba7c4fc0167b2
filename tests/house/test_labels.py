"""No label of a metric takes a value from outside: each would be a series for ever.

A constant needs no reason. Whatever is worked out stands here, with why it has an end.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# (file, what is given) -> why there are only so many of it
BOUNDED = {
    (
        "services/ingest/edges/messages/bridge.py",
        "reject.reason",
    ): "a word of the reference of rejects",
    ("services/ingest/edges/messages/bridge.py", "topic"): "of the topic table",
    (
        "services/ingest/edges/broker/monitor.py",
        "refused.reason",
    ): "a word of ours for a line of the broker",
    ("services/ingest/edges/broker/monitor.py", "HELD[topic]"): "one of three",
    ("services/journey/edges/public/webhooks.py", "word"): "a state, or `repeated`",
    ("services/journey/edges/public/webhooks.py", "name"): "of the playbook's shops",
    ("services/journey/edges/public/webhooks.py", "f'webhook_{why}'"): "a word of ours",
    ("shared/stream/apply.py", "work.topic"): "of the topic table",
    ("shared/stream/quarantine.py", "row.reason"): "a word of ours",
    ("shared/stream/quarantine.py", "row.topic"): "of the topic table",
    ("shared/stream/relay.py", "row.topic"): "of the topic table",
    ("shared/stream/told.py", "str(tp.partition)"): "of a topic of the table",
    ("shared/stream/told.py", "tp.topic"): "of the topic table",
    ("shared/effects/lane.py", "outcome"): "a state, or a word of ours",
    ("shared/effects/lane.py", "self.kind.name"): "of the service's catalogue",
    ("shared/effects/runner.py", "name"): "of the service's catalogue",
    ("shared/effects/runner.py", "new.kind"): "of the service's catalogue",
    ("shared/effects/runner.py", "outcome"): "a state, or a word of ours",
    ("shared/web/app.py", "service"): "the process's own name",
    ("shared/web/guards/auth.py", "why"): "a word of the code that refuses",
    ("shared/web/client/client.py", "outcome"): "a word of ours",
    ("shared/web/client/client.py", "self.name"): "a service of ours, as the wiring calls it",
    ("shared/web/observed.py", "method"): "said.method: one of seven, or `other`",
    ("shared/web/observed.py", "route"): "said.route: a template of ours, or `(none)`",
    ("shared/web/observed.py", "str(status)"): "a status that we answer with",
    ("shared/web/guards/rates.py", "kind"): "a word of ours",
    ("shared/web/guards/connection_limits.py", "kind"): "a word of ours",
}


def _is_constant(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id.isupper())


def given() -> set[tuple[str, str]]:
    found = set()
    for path in sorted([*ROOT.glob("shared/**/*.py"), *ROOT.glob("services/**/*.py")]):
        if ".labels" not in (text := path.read_text("utf-8")):
            continue
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Call(func=ast.Attribute(attr="labels"), args=args, keywords=keywords):
                    values = [*args, *(each.value for each in keywords)]
                    name = str(path.relative_to(ROOT))
                    found |= {
                        (name, ast.unparse(each)) for each in values if not _is_constant(each)
                    }
    return found


def test_every_label_that_is_worked_out_is_known_to_have_an_end():
    assert given() - set(BOUNDED) == set(), "say why there are only so many of it"
