"""The pattern of a path in `when`: `/v1/threads/{thread_id}/messages/*`.

`*` is one segment, and so is `{name}`, whose value templates read as `path.name`.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from mockserver.problems import Place, Report

_NAMED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LITERAL = re.compile(r"[A-Za-z0-9._~!$&'()+,;=:@%-]*")
"""The characters of a segment as it is sent: RFC 3986, `pchar` without `*`."""

_PLACEHOLDERS = re.compile(r":[A-Za-z_]\w*|<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}")
"""What stands for a segment in the patterns of other tools."""


def compile_path(pattern: str, place: Place, report: Report) -> tuple[str, Mapping[str, int]]:
    """Return a regular expression for a pattern, and the index of each segment that it names.

    A pattern that no request can match is reported.
    """
    if not pattern.startswith("/"):
        report(place, "not a path", f"start it with /, such as /{pattern.strip('^/')}")
        return "", {}
    for sign, where in (("?", "move what follows ? into query"), ("#", "leave out what follows #")):
        if sign in pattern:
            report(place, "not a path", f"{where}: a path ends before it")
            return "", {}
    if pattern.startswith("/_mock/"):
        what = "no stub answers requests to the control API"
        report(place, what, "use a path that does not begin with /_mock/")
    names: dict[str, int] = {}
    steps = []
    for at, segment in enumerate(pattern.split("/")):
        if named := _NAMED.fullmatch(segment):
            if named[1] in names:
                what = f"{segment} stands for two segments"
                report(place, what, "give each a name of its own")
            names[named[1]] = at
        elif segment != "*" and not _is_literal(segment, pattern, place, report):
            continue
        steps.append("[^/]+" if named or segment == "*" else re.escape(segment))
    return f"^{'/'.join(steps)}$", names


def named_in_all(paths: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return the index, from the end, of each named segment that all paths have at the same place.

    The paths are those of operations, as lists of segments.
    """
    found = [
        {
            (named[1], at - len(path))
            for at, segment in enumerate(path)
            if (named := _NAMED.fullmatch(segment))
        }
        for path in paths
    ]
    return dict(set.intersection(*found)) if found else {}


def _is_literal(segment: str, pattern: str, place: Place, report: Report) -> bool:
    """Return whether a segment can be sent as it is; what cannot is reported."""
    if segment == "**":
        remedy = "write one * for each segment, or path: {starts_with: ...} for any number of them"
        report(place, "`**` is no segment", remedy)
    elif placeholder := _PLACEHOLDERS.fullmatch(segment):
        name = re.sub(r"\W", "", placeholder[0]) or "name"
        name = f"_{name}" if name[0].isdecimal() else name
        report(place, f"`{segment}` is no segment", f"write {{{name}}}, or * for any segment")
    elif "*" in segment or "{" in segment:
        escaped = re.escape(pattern).replace(r"\-", "-")
        expression = re.sub(r"\\\*|\\\{\w*\\\}", "[^/]+", escaped)
        remedy = f"write * or {{name}} for a whole segment, or path: {{matches: '^{expression}$'}}"
        report(place, f"`{segment}` is no segment", remedy)
    elif not _LITERAL.fullmatch(segment):
        sent = quote(segment, safe="%!$&'()+,;=:@")
        report(place, f"`{segment}` is sent in another form", f"write {sent}")
    else:
        return True
    return False
