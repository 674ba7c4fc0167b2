"""Texts of a playbook -> Playbook, or everything that is wrong with it."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from services.journey.domain.deliveries.read_shops import read_shops
from services.journey.domain.facts import BY_NAME
from services.journey.domain.messages.arms import OF_ALL
from services.journey.domain.messages.fill import KNOWN, BadTemplate, check
from services.journey.domain.messages.purpose import OWED, Purpose
from services.journey.domain.plays.check_play import check_steps, circles
from services.journey.domain.plays.play import (
    END,
    MAX_AGE_S,
    Declared,
    Message,
    Play,
    Playbook,
    Starts,
    Step,
)
from services.journey.domain.plays.read_facts import read_facts
from services.journey.domain.plays.read_teams import read_linkages, read_teams
from services.journey.domain.plays.read_webhooks import read_webhooks
from services.journey.domain.plays.reading import Part, Problem, nearest, parse
from services.journey.domain.plays.team import Team
from services.journey.domain.steps import STEPS
from services.journey.domain.steps.step import Words

HEAD = re.compile(r"---\n(?P<head>.*?\n)---\n(?P<body>.*)", re.DOTALL)
STEP_FIELDS = ("step", "says", "then")
PLAY_FIELDS = (
    *("play", "says", "starts", "steps", "priority", "again", "max_age", "goal", "leave"),
    *("stages", "control", "everybody"),
)
MOST_CONTROL = 0.5


def read_playbook(
    texts: Mapping[str, str], stages: Sequence[str], others: Collection[str] = ()
) -> tuple[Playbook, list[Problem]]:
    """The playbook, and its problems; with any, the playbook is good for nothing.

    Args:
        texts: files by their names: `teams.yaml`, `linkages.yaml`, `facts.yaml`, `webhooks.yaml`, `plays/*.yaml`,
            `shops/*.yaml`, `messages/*.md`, `messages/*.mjml`.
        stages: of the journey map.
        others: plays that steps may name, too.
    """
    problems: list[Problem] = []
    teams = read_teams(parse("teams.yaml", texts.get("teams.yaml", "[]"), problems))
    linkages = read_linkages(
        parse("linkages.yaml", texts.get("linkages.yaml", "[]"), problems), teams
    )
    messages = _messages(texts, problems)
    facts = read_facts(parse("facts.yaml", texts.get("facts.yaml", "[]"), problems))
    words = _words(texts, messages, teams, facts)
    webhooks = read_webhooks(
        parse("webhooks.yaml", texts.get("webhooks.yaml", "[]"), problems), words.facts
    )
    shops = read_shops(texts, problems)
    words = replace(words, webhooks=tuple(webhooks), linkages=linkages)
    words = replace(words, plays=(*words.plays, *others))
    plays: dict[str, Play] = {}
    files: dict[str, str] = {}
    for file in sorted(texts):
        if file.startswith("plays/"):
            play = read_play(parse(file, texts[file], problems, facts=words.facts), words, stages)
            if play.name in plays:
                problems.append(Problem(file, 1, "play", f"`{play.name}` is taken"))
            mails = {name: messages[name] for name in sorted(play.messages & messages.keys())}
            plays[play.name] = replace(
                play, mails=mails, checksum=_checksum(texts[file], play, messages)
            )
            files[play.name] = file
    problems += [
        Problem(files[way[0]], 1, "steps", f"plays could start each other without end: {said}")
        for way in circles(plays)
        for said in [" -> ".join(way)]
    ]
    own = {name: _files(texts, files[name], play) for name, play in plays.items()}
    base = {file: text for file, text in texts.items() if not file.startswith("plays/")}
    playbook = Playbook(plays, messages, teams, linkages, facts, webhooks, shops, own, base)
    return playbook, sorted(problems)


def _files(texts: Mapping[str, str], file: str, play: Play) -> dict[str, str]:
    """The file of a play and those of its messages."""
    named = [f"messages/{name}.{kind}" for name in sorted(play.messages) for kind in ("md", "mjml")]
    return {name: texts[name] for name in (file, *named) if name in texts}


def _words(
    texts: Mapping[str, str], messages: Mapping[str, Message], teams: Mapping[str, Team],
    facts: Mapping[str, Declared],
) -> Words:  # fmt: skip
    """What steps may name; a play by its name alone, before any is read."""
    named = [parse(file, texts[file], []).field("play") for file in texts if file[:6] == "plays/"]
    plays = tuple(part.text() for part in named if part.is_there)
    return words_of(messages, teams, facts, plays)


def words_of(
    messages: Mapping[str, Message], teams: Mapping[str, Team], facts: Mapping[str, Declared],
    plays: Collection[str],
) -> Words:  # fmt: skip
    """What steps may name, but for webhooks and linkages."""
    return Words(
        messages=messages,
        teams=teams,
        asking=_saying("answer_url", messages),
        leaving=frozenset(name for name, said in messages.items() if "leave_url" in said.text),
        facts={**BY_NAME, **{name: declared.fact for name, declared in facts.items()}},
        declared=tuple(facts),
        scales={
            name: declared.scale for name, declared in facts.items() if declared.scale is not None
        },
        plays=plays,
        skills={name: team.skills for name, team in teams.items()},
        booking=_saying("booking_url", messages),
        telling=_saying("call_at", messages),
        owed=frozenset(name for name, said in messages.items() if said.purpose in OWED),
        hours=frozenset(name for name, team in teams.items() if team.hours is not None),
    )


def _saying(word: str, messages: Mapping[str, Message]) -> frozenset[str]:
    return frozenset(
        name for name, message in messages.items() if word in f"{message.text}{message.html or ''}"
    )


def _messages(texts: Mapping[str, str], problems: list[Problem]) -> dict[str, Message]:
    messages: dict[str, Message] = {}
    for file in sorted(texts):
        if not (file.startswith("messages/") and file.endswith(".md")):
            continue
        name = file.removeprefix("messages/").removesuffix(".md")
        matched = HEAD.fullmatch(texts[file])
        if matched is None:
            problems.append(Problem(file, 1, "", "expected a head between two lines of ---"))
            continue
        head = parse(file, matched["head"], problems, line=2)
        head.fields(("subject", "topic", "purpose"), ("subject", "topic", "purpose"))
        word = head.field("purpose").word([known.value for known in Purpose], "purpose")
        purpose = Purpose(word) if word in set(Purpose) else Purpose.SERVICE
        messages[name] = Message(
            name, head.field("topic").name(), purpose, head.field("subject").text(),
            matched["body"].strip() + "\n", texts.get(f"messages/{name}.mjml"),
        )  # fmt: skip
        body_at = matched["head"].count("\n") + 3
        _check_template(file, messages[name].subject, 2, problems)
        _check_template(file, matched["body"], body_at, problems)
        if (html := messages[name].html) is not None:
            _check_template(f"messages/{name}.mjml", html, 1, problems)
            if purpose not in OWED and "leave_url" not in html:
                what = "needs a link to `{{ leave_url }}`: customers can leave this topic"
                problems.append(Problem(f"messages/{name}.mjml", 1, "", what))
    return messages


def _check_template(file: str, text: str, line: int, problems: list[Problem]) -> None:
    try:
        unknown = check(text)
    except BadTemplate as error:
        problems.append(Problem(file, line + error.line - 1, "", str(error)))
        return
    for name in sorted(unknown):
        what = f"unknown word `{name}`; {nearest(name, sorted(KNOWN))}"
        at = next((n for n, said in enumerate(text.splitlines()) if name in said), 0)
        problems.append(Problem(file, line + at, "", what))


def read_play(part: Part, words: Words, stages: Sequence[str]) -> Play:
    """One play; what is wrong is noted."""
    part.fields(PLAY_FIELDS, ("play", "says", "starts", "steps"))
    words = replace(words, play=part.field("play").text() if part.field("play").is_there else "")
    steps = tuple(read_step(written, words) for written in part.field("steps").items())
    play = Play(
        name=part.field("play").name(),
        says=part.field("says").text(),
        starts=_starts(part.field("starts"), stages),
        steps=tuple(step for step in steps if step is not None),
        priority=part.field("priority").whole(0, 100) if part.field("priority").is_there else 50,
        again_s=part.field("again").span() if part.field("again").is_there else None,
        max_age_s=part.field("max_age").span() if part.field("max_age").is_there else MAX_AGE_S,
        goal=part.field("goal").condition(),
        leave=part.field("leave").condition(),
        stages=frozenset(name.word(stages, "stage") for name in part.field("stages").items()),
        control=part.field("control").share(MOST_CONTROL) if part.field("control").is_there else 0,
        everybody=part.field("everybody").is_there and part.field("everybody").flag(),
    )
    if play.name == OF_ALL:
        part.field("play").bad(f"`{OF_ALL}` is the word for all of them")
    if play.everybody and play.control:
        part.field("control").bad("`everybody: true` holds nobody out: leave one of the two out")
    if None not in steps:
        check_steps(part.field("steps"), play.steps)
    return play


def _starts(part: Part, stages: Sequence[str]) -> Starts:
    part.fields(("stage", "happens", "when"))
    stage, happens = part.field("stage"), part.field("happens")
    if stage.is_there == happens.is_there:
        part.bad("one of `stage` and `happens` is needed")
    return Starts(
        stage.word(stages, "stage") if stage.is_there else None,
        happens.word(BY_NAME, "fact") if happens.is_there else None,
        part.field("when").condition(),
    )


def read_step(part: Part, words: Words) -> Step | None:
    """One step; None: something is wrong with it."""
    before = len(part.problems)
    named = [kind for kind in STEPS if kind.name in part.names]
    kinds = [kind.name for kind in STEPS]
    if len(named) != 1:
        every = [field for kind in STEPS for field in kind.fields]
        part.fields((*STEP_FIELDS, *kinds, *every), ("step",))
        part.bad(f"a step has one of {', '.join(kinds)}")
        return None
    kind = named[0]
    part.fields((*STEP_FIELDS, kind.name, *kind.fields), ("step", *kind.needed))
    key, does = part.field("step").name(), kind.read(part, words)
    says = part.field("says")
    then = part.field("then")
    if key == END:
        part.field("step").bad(f"`{END}` is the word for the end of a play")
    step = Step(
        key, says.text() if says.is_there else "", does,
        {name: then.field(name).text() for name in then.names},
    )  # fmt: skip
    return step if len(part.problems) == before else None


def _checksum(text: str, play: Play, messages: Mapping[str, Message]) -> str:
    """Of what a play says and sends."""
    said = [text, *(repr(messages[name]) for name in sorted(play.messages & messages.keys()))]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()
