"""Reads JSON: the standard library decodes the scalars, this module tracks the lines."""

import json
import re
from typing import Any

from mockserver.loading.document_reader import Reader
from mockserver.problems import FixtureError, Place

_SPACE = re.compile(r"[ \t\r\n]*")


class JsonReader(Reader):
    """Parses objects and arrays, and calls the decoder for keys and scalars."""

    def _document(self) -> Any:
        self._decoder = json.JSONDecoder(parse_constant=self._constant)
        self._at = 0
        self._lines_passed = 1
        self._counted = 0
        value = self._value(())
        if self._peek():
            self._fail("unexpected text after the end of the document")
        return value

    def _value(self, place: Place) -> Any:
        start = self._peek()
        self._enter(place, self._line())
        if start == "{":
            return self._mapping(place)
        if start == "[":
            return self._sequence(place)
        try:
            value, self._at = self._decoder.raw_decode(self.text, self._at)
        except FixtureError:
            raise
        except ValueError as error:
            self._fail(str(getattr(error, "msg", error)))
        return self._checked(value, place, self._line())

    def _mapping(self, place: Place) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        self._at += 1
        while self._peek() != "}":
            if mapping:
                self._expect(",")
            if self._peek() != '"':
                self._fail("expected a key in double quotes")
            line = self._line()
            key, self._at = self._decoder.raw_decode(self.text, self._at)
            self._checked(key, place, line)
            self._expect(":")
            if key in mapping:
                self._duplicate(line, (*place, key), self.lines[(*place, key)])
            mapping[key] = self._value((*place, key))
            self.lines[*place, key] = line
        self._at += 1
        return mapping

    def _sequence(self, place: Place) -> list[Any]:
        sequence: list[Any] = []
        self._at += 1
        while self._peek() != "]":
            if sequence:
                self._expect(",")
            sequence.append(self._value((*place, len(sequence))))
        self._at += 1
        return sequence

    def _peek(self) -> str:
        """Move to the next character that is not white space, and return it; '' at the end."""
        space = _SPACE.match(self.text, self._at)
        self._at = space.end() if space else self._at
        return self.text[self._at : self._at + 1]

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            self._fail(f"expected '{sign}'")
        self._at += 1

    def _line(self) -> int:
        self._lines_passed += self.text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._lines_passed

    def _constant(self, name: str) -> None:
        self._fail(f"{name} is not JSON")

    def _fail(self, what: str) -> None:
        self._stop(self._line(), (), f"not JSON: {what}", "correct the syntax")
