"""The playbook that a service starts with is published: what is new in it gets a version."""

from collections.abc import Mapping
from typing import Any

from services.journey.domain.plays.play import Play, Playbook
from services.journey.handlers.ports import Unit

RETIRED = "retired"


async def publish(unit: Unit) -> dict[str, int]:
    """Publish the playbook of the rules; returns the version of each play.

    Runs go on with the play as it is now. Those of plays that are gone end.
    """
    playbook = unit.rules.playbook
    known = await unit.store.plays.hold()
    versions: dict[str, int] = {}
    changed: list[str] = []
    for name, play in sorted(playbook.plays.items()):
        before = known.get(name)
        same = before is not None and before.checksum == play.checksum
        if before is not None and same and before.state != RETIRED:
            versions[name] = before.version
            continue
        versions[name] = 1 if before is None else before.version + 1
        await unit.store.plays.publish(
            name, versions[name], play.checksum, _definition(play, playbook), unit.now
        )
        changed.append(name)
    gone = sorted(
        name
        for name, published in known.items()
        if name not in versions and published.state != RETIRED
    )
    await unit.store.plays.retire(gone, unit.now)
    await unit.store.runs.all_due(gone, unit.now)
    await unit.store.runs.again(changed, unit.now)
    return versions


def _definition(play: Play, playbook: Playbook) -> Mapping[str, Any]:
    """What was published, for whoever looks later: the words of steps and messages."""
    messages = {
        name: {"subject": message.subject, "text": message.text, "html": message.html}
        for name, message in playbook.messages.items()
        if name in play.messages
    }
    steps = [{"step": step.key, "says": step.says, "does": repr(step.does)} for step in play.steps]
    return {"says": play.says, "steps": steps, "messages": messages}
