"""Reads a YAML or JSON document together with the line that each value stands on."""

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from mockserver.problems import FixtureError, Place, Problem, place_text

SIZE_LIMIT = 16 * 1024 * 1024
"""The largest document, in bytes."""

NODE_LIMIT = 500_000
"""How many values a document may have once its aliases are written out."""

DEPTH_LIMIT = 200
"""Levels of nesting that a document may have."""

_SURROGATE = re.compile("[\ud800-\udfff]")


_OF_A_STUB = ("then", "when", "name", "times", "probability", "priority")


@dataclass(frozen=True, slots=True)
class Document:
    """A document's value, and the line of each place in it, counted from 1.

    `problems` are those that did not keep it from being read: keys given twice. `beside` has,
    where it is not a stub that was written, what may stand beside the options of a fault.
    """

    source: str
    value: Any
    lines: dict[Place, int]
    problems: tuple[Problem, ...] = ()
    prefix: Place = ()
    beside: tuple[str, ...] | None = None

    def sound(self) -> Any:
        """Give the value.

        Raises:
            FixtureError: a key was given twice.
        """
        if self.problems:
            raise FixtureError(self.problems)
        return self.value

    def as_fixtures(self) -> "Document":
        """Make a fixture document of one that may also be a single stub, or a list of them.

        Problems are still told by their place in what was written.
        """
        if isinstance(self.value, list):
            prefix: Place = ("stubs",)
            value: Any = {"stubs": self.value}
        elif isinstance(self.value, dict) and not self.value.keys().isdisjoint(_OF_A_STUB):
            prefix, value = ("stubs", 0), {"stubs": [self.value]}
        else:
            return self
        lines = {(*prefix, *place): line for place, line in self.lines.items()}
        return Document(self.source, value, lines, self.problems, prefix)

    def problem(self, place: Place, what: str, remedy: str) -> Problem:
        """Tell of a fault at a place, or as near to it as there is a line."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        line, shown = self.lines.get(known, 1), place[len(self.prefix) :]
        return Problem(self.source, line, place_text(shown), what, remedy)


def read(content: bytes, source: str, *, as_json: bool) -> Document:
    """Read a document whole.

    Raises:
        FixtureError: it is not well formed; what can still be read is in the `problems`.
    """
    if len(content) > SIZE_LIMIT:
        problem = Problem(
            source,
            0,
            "",
            f"{len(content)} bytes is more than a document may have",
            f"keep it under {SIZE_LIMIT} bytes; split it, or use `repeat`",
        )
        raise FixtureError([problem])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(source, line, "", "not UTF-8", "save the file as UTF-8")
        raise FixtureError([problem]) from None
    return (_JsonReader if as_json else _YamlReader)(text, source).read()


class _Reader:
    """What both readers do: note lines, collect problems, keep within bounds."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._nodes = 0

    def read(self) -> Document:
        value = self.document()
        return Document(self.source, value, self.lines, tuple(self.problems))

    def document(self) -> Any:
        raise NotImplementedError

    def enter(self, place: Place, line: int) -> None:
        """Note a value."""
        self.lines[place] = line
        self._nodes += 1
        if self._nodes > NODE_LIMIT:
            self.stop(
                line, place, f"more than {NODE_LIMIT} values", "write less, or use fewer aliases"
            )
        if len(place) > DEPTH_LIMIT:
            self.stop_nesting(line, place)

    def stop_nesting(self, line: int, place: Place) -> None:
        self.stop(line, place, f"nested more than {DEPTH_LIMIT} levels", "nest less")

    def sound(self, scalar: Any, place: Place, line: int) -> Any:
        """Check that a scalar can go over the wire at all."""
        if isinstance(scalar, float) and not math.isfinite(scalar):
            self.stop(line, place, "a number beyond all bounds", "write a smaller one")
        if isinstance(scalar, str) and _SURROGATE.search(scalar):
            self.stop(line, place, "half a surrogate pair", "write the whole character")
        return scalar

    def stop(self, line: int, place: Place, what: str, remedy: str) -> None:
        """Give up: there is no reading on from here."""
        self.problems.append(Problem(self.source, line, place_text(place[:8]), what, remedy))
        raise FixtureError(self.problems)

    def duplicate(self, line: int, place: Place, first_line: int) -> None:
        self.problems.append(
            Problem(
                self.source,
                line,
                place_text(place),
                f"the key '{place[-1]}' was given before, on line {first_line}",
                "keep one of the two",
            )
        )


# ── YAML ─────────────────────────────────────────────────────────────────────────

_BaseLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_SCALARS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"~|null|Null|NULL|"), lambda text: None),
    (re.compile(r"true|True|TRUE"), lambda text: True),
    (re.compile(r"false|False|FALSE"), lambda text: False),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text, 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)
"""What a plain scalar means in YAML 1.2's core schema: `no` and `on` are words,
and so is a date."""


class _YamlReader(_Reader):
    def document(self) -> Any:
        try:
            self.check_events()
            loader = _BaseLoader(self.text)
            try:
                node = loader.get_single_node()
            finally:
                loader.dispose()
        except FixtureError:
            raise
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = " ".join(part for part in (error.context, error.problem) if part)
            line = mark.line + 1 if mark else 0
            if "nesting depth" in what:  # a limit of libyaml's own, which looks far ahead
                self.stop_nesting(line, ())
            written = "".join(self.text.splitlines()[mark.line : mark.line + 1]) if mark else ""
            remedy = "YAML takes no tabs: use spaces" if "\t" in written else "mend the syntax"
            self.stop(line, (), f"not YAML: {what}", remedy)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            self.stop(0, (), f"not YAML: {error}", "mend the syntax")
        self._open: set[int] = set()
        return None if node is None else self.value(node, ())

    def check_events(self) -> None:
        """Refuse what the composer must not see, and note what it does not tell.

        libyaml's dies of deep nesting; and a node does not say whether its tag was
        written or is only what its kind has.
        """
        self._tags: dict[tuple[int, int], str] = {}
        depth = 0
        for event in yaml.parse(self.text, Loader=_BaseLoader):
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > DEPTH_LIMIT:
                    self.stop_nesting(line, ())
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            tag, mark = getattr(event, "tag", None), event.start_mark
            if tag is not None and mark is not None:
                self._tags[mark.line, mark.column] = tag

    def value(self, node: yaml.Node, place: Place) -> Any:
        line = node.start_mark.line + 1
        self.enter(place, line)
        self.check_tag(node, place)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, place, line)
        if id(node) in self._open:
            self.stop(line, place, "an alias that holds itself", "write the value out")
        self._open.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            value: Any = [self.value(item, (*place, at)) for at, item in enumerate(node.value)]
        else:
            value = self.mapping(node, place)
        self._open.discard(id(node))
        return value

    def check_tag(self, node: yaml.Node, place: Place) -> None:
        mark = node.start_mark
        tag = self._tags.get((mark.line, mark.column))
        if tag is not None:
            what = f"the tag {tag} is not allowed"
            self.stop(mark.line + 1, place, what, "write the value plainly; quote a text")

    def mapping(self, node: yaml.Node, place: Place) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.stop(line, place, "a key that is no word", "write a plain key")
            self.check_tag(key_node, place)
            key = key_node.value
            if key == "<<" and not key_node.style:
                for part in self.merged(value_node, place):
                    merged = part | merged
                continue
            if key in mapping:
                self.duplicate(line, (*place, key), self.lines[(*place, key)])
            mapping[key] = self.value(value_node, (*place, key))
            self.lines[*place, key] = line
        return merged | mapping

    def merged(self, node: yaml.Node, place: Place) -> Iterator[dict[str, Any]]:
        """Give the mappings that `<<` brings in, the strongest first."""
        value = self.value(node, (*place, "<<"))
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                self.stop(
                    node.start_mark.line + 1, place, "`<<` takes mappings", "name an alias of one"
                )
            yield part

    def scalar(self, node: yaml.ScalarNode, place: Place, line: int) -> Any:
        if node.style:
            return node.value
        for pattern, convert in _SCALARS:
            if pattern.fullmatch(node.value):
                try:
                    value = convert(node.value)
                except ValueError:  # more digits than Python reads
                    self.stop(line, place, "a number too long to read", "quote it")
                return self.sound(value, place, line)
        return node.value


# ── JSON ─────────────────────────────────────────────────────────────────────────

_SPACE = re.compile(r"[ \t\r\n]*")


class _JsonReader(_Reader):
    """The standard library's decoder for scalars, and our own walk around it for the lines."""

    def document(self) -> Any:
        self._decoder = json.JSONDecoder(parse_constant=self.constant)
        self._at = 0
        self._line = 1
        self._counted = 0
        value = self.value(())
        if self.peek():
            self.fail("more text after the end of the document")
        return value

    def value(self, place: Place) -> Any:
        start = self.peek()
        self.enter(place, self.line())
        if start == "{":
            return self.mapping(place)
        if start == "[":
            return self.sequence(place)
        try:
            value, self._at = self._decoder.raw_decode(self.text, self._at)
        except FixtureError:
            raise
        except ValueError as error:
            self.fail(str(getattr(error, "msg", error)))
        return self.sound(value, place, self.line())

    def mapping(self, place: Place) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        self._at += 1
        while self.peek() != "}":
            if mapping:
                self.expect(",")
            if self.peek() != '"':
                self.fail("expected a key in double quotes")
            line = self.line()
            key, self._at = self._decoder.raw_decode(self.text, self._at)
            self.sound(key, place, line)
            self.expect(":")
            if key in mapping:
                self.duplicate(line, (*place, key), self.lines[(*place, key)])
            mapping[key] = self.value((*place, key))
            self.lines[*place, key] = line
        self._at += 1
        return mapping

    def sequence(self, place: Place) -> list[Any]:
        sequence: list[Any] = []
        self._at += 1
        while self.peek() != "]":
            if sequence:
                self.expect(",")
            sequence.append(self.value((*place, len(sequence))))
        self._at += 1
        return sequence

    def peek(self) -> str:
        """Give the next character that is no white space, or nothing at the end."""
        space = _SPACE.match(self.text, self._at)
        self._at = space.end() if space else self._at
        return self.text[self._at : self._at + 1]

    def expect(self, sign: str) -> None:
        if self.peek() != sign:
            self.fail(f"expected '{sign}'")
        self._at += 1

    def line(self) -> int:
        self._line += self.text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def constant(self, name: str) -> None:
        self.fail(f"{name} is not JSON")

    def fail(self, what: str) -> None:
        self.stop(self.line(), (), f"not JSON: {what}", "mend the syntax")
