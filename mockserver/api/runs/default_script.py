"""What a run does that no stub gave a script: one short message, the same in every run."""

from mockserver.api.shared.results import Object

MAX_QUOTED = 200
"""How much of the question is quoted, in characters."""


def default_items(assistant_name: object, question: str | None, polls: int) -> list[Object]:
    """Return the items of the script. `polls` is how many reads the run takes, at least one.

    It calls no tools: nobody could know which.
    """
    name = assistant_name if isinstance(assistant_name, str) and assistant_name else "The assistant"
    if question is None:
        text = f"{name} has no question to answer."
    else:
        quoted = question if len(question) <= MAX_QUOTED else f"{question[:MAX_QUOTED]}…"
        text = f'{name} was asked: "{quoted}" This is the answer of a mock, which asks no model.'
    waits: list[Object] = [{"wait": {"polls": polls - 2}}] if polls > 2 else []
    return [*waits, {"say": {"text": text}}]
