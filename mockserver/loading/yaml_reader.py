"""Reads YAML 1.2 with libyaml, refuses tags and duplicate keys, and records lines."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from mockserver.loading.document_reader import DEPTH_LIMIT, Reader
from mockserver.problems import FixtureError, Place

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
"""The plain scalars of YAML 1.2's core schema: `no`, `on` and dates are strings in it."""


class YamlReader(Reader):
    """Composes the nodes of a document, and converts them to values."""

    def _document(self) -> Any:
        try:
            self._check_events()
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
            if "nesting depth" in what:  # libyaml has a limit of its own, and parses ahead
                self._stop_nesting(line, ())
            written = "".join(self.text.splitlines()[mark.line : mark.line + 1]) if mark else ""
            tabs = "replace tabs by spaces: YAML allows no tabs in indentation"
            remedy = tabs if "\t" in written else "correct the syntax"
            self._stop(line, (), f"not YAML: {what}", remedy)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            self._stop(0, (), f"not YAML: {error}", "correct the syntax")
        self._open: set[int] = set()
        return None if node is None else self._value(node, ())

    def _check_events(self) -> None:
        """Refuse deep nesting, and record the tags, before the nodes are composed.

        libyaml's composer crashes on deep nesting. A composed node has a tag even where the
        document has none.
        """
        self._tags: dict[tuple[int, int], str] = {}
        depth = 0
        for event in yaml.parse(self.text, Loader=_BaseLoader):
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > DEPTH_LIMIT:
                    self._stop_nesting(line, ())
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            tag, mark = getattr(event, "tag", None), event.start_mark
            if tag is not None and mark is not None:
                self._tags[mark.line, mark.column] = tag

    def _value(self, node: yaml.Node, place: Place) -> Any:
        line = node.start_mark.line + 1
        self._enter(place, line)
        self._check_tag(node, place)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place, line)
        if id(node) in self._open:
            self._stop(line, place, "an alias that contains itself", "write the value out")
        self._open.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            value: Any = [self._value(item, (*place, at)) for at, item in enumerate(node.value)]
        else:
            value = self._mapping(node, place)
        self._open.discard(id(node))
        return value

    def _check_tag(self, node: yaml.Node, place: Place) -> None:
        mark = node.start_mark
        tag = self._tags.get((mark.line, mark.column))
        if tag is not None:
            what = f"the tag {tag} is not allowed"
            self._stop(mark.line + 1, place, what, "remove the tag; quote a string")

    def _mapping(self, node: yaml.Node, place: Place) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._stop(line, place, "the key is not a string", "use a string as the key")
            self._check_tag(key_node, place)
            key = key_node.value
            if key == "<<" and not key_node.style:
                for part in self._merged(value_node, place):
                    merged = part | merged
                continue
            if key in mapping:
                self._duplicate(line, (*place, key), self.lines[(*place, key)])
            mapping[key] = self._value(value_node, (*place, key))
            self.lines[*place, key] = line
        return merged | mapping

    def _merged(self, node: yaml.Node, place: Place) -> Iterator[dict[str, Any]]:
        """Yield the mappings of a `<<` key, in decreasing precedence."""
        value = self._value(node, (*place, "<<"))
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                self._stop(
                    node.start_mark.line + 1, place, "`<<` expects a mapping", "use an alias of one"
                )
            yield part

    def _scalar(self, node: yaml.ScalarNode, place: Place, line: int) -> Any:
        if node.style:
            return node.value
        for pattern, convert in _SCALARS:
            if pattern.fullmatch(node.value):
                try:
                    value = convert(node.value)
                except ValueError:  # Python limits the number of digits
                    self._stop(line, place, "the number has too many digits", "quote it")
                return self._checked(value, place, line)
        return node.value
