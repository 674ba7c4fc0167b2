"""What another service refused, told to whoever wanted it."""

from services.console.edges.pages.view import View
from shared.web.client.answered import Refused

AGAIN = frozenset({409, 412, 422})  # what was typed is shown again, with why


def why(view: View, refused: Refused) -> str:
    """Why it was not done, in words."""
    words = view.words
    known = f"refused.{refused.kind}"
    if words.has(known):
        return str(words(known))
    wrong = [str(problem["expected"]) for problem in refused.facts.get("errors", ())]
    if wrong:
        return str(words("refused.not_right", expected="; ".join(wrong)))
    return refused.detail or refused.title
