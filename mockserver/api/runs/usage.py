"""How many tokens a run used: counted from the texts, since there is no model that would tell.

A text of n bytes in UTF-8 counts as n / 4 tokens, rounded up. A step's prompt is the instructions,
the messages that the thread had when the run began, and what the run has made before the step.
"""

from collections.abc import Iterable

from mockserver.api.shared.results import Object


def tokens(*texts: object) -> int:
    """Return how many tokens some texts count as; what is no text counts as none."""
    return sum(-(-len(text.encode()) // 4) for text in texts if isinstance(text, str))


def usage(prompt: int, completion: int) -> Object:
    """Return the usage of a step or of a run, with the recorded keys: one is spelled oddly."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_token_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def total(usages: Iterable[Object | None]) -> Object:
    """Return the sum of the usages of all steps, as that of their run [recorded]."""
    known = [one for one in usages if isinstance(one, dict)]
    counts = [[one.get(name) for one in known] for name in ("prompt_tokens", "completion_tokens")]
    prompt, completion = (sum(n for n in each if type(n) is int) for each in counts)
    return usage(prompt, completion)
