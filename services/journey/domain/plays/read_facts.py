"""`facts.yaml`: what a playbook wants to know of customers beside what is known anyhow."""

from services.journey.domain.facts import BY_NAME
from services.journey.domain.messages.scale import SCALES, numbers
from services.journey.domain.plays.play import Declared
from services.journey.domain.plays.reading import Part

FIELDS = ("fact", "says", "question", "values", "scale")
FEWEST = 2


def read_facts(file: Part) -> dict[str, Declared]:
    """The facts it declares, by name."""
    declared: dict[str, Declared] = {}
    for part in file.items():
        part.fields(FIELDS, ("fact", "says"))
        name = part.field("fact").name()
        if name in declared or name in BY_NAME:
            part.field("fact").bad(f"`{name}` is taken")
        values, scale, question = part.field("values"), part.field("scale"), part.field("question")
        if values.is_there == scale.is_there:
            part.bad("one of `values` and `scale` is needed")
        if scale.is_there:
            word = scale.word(SCALES, "scale")
            scaled = word if word in SCALES else next(iter(SCALES))
            given = tuple(numbers(scaled))
        else:
            scaled, given = None, tuple(values.texts()) if values.is_there else ()
            if len(set(given)) < max(len(given), FEWEST):
                values.bad("needs two values or more, each once")
        declared[name] = Declared(
            name, part.field("says").text(), question.text() if question.is_there else None,
            given, scaled,
        )  # fmt: skip
    return declared
