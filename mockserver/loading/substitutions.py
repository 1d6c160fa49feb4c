"""Puts into a document what its file asks for: variables of the environment, files beside it.

Only files are read so. A document that is posted has no folder, and the environment of a server is
none of its callers' business.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import is_
from pathlib import Path
from typing import Any

from mockserver.loading.document import Document
from mockserver.loading.document_reader import SIZE_LIMIT
from mockserver.loading.find_files import unreadable
from mockserver.loading.read_document import read
from mockserver.problems import FixtureError, Place, Problem

INCLUDING = {"json_file": "json", "text_file": "text"}
"""The keys of an action that name a file, and the key that its content is put under."""

_VARIABLE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


class Substitution:
    """The substitutions in one document of a file; `included` has the files whose content it uses.

    The problems are those of the document that is returned.
    """

    def __init__(self, document: Document, folder: Path, environment: Mapping[str, str]) -> None:
        self._document = document
        self._folder = folder
        self._environment = environment
        self._lines = dict(document.lines)
        self._problems = list(document.problems)
        self._contents: dict[tuple[str, Path], Any] = {}

    @property
    def included(self) -> tuple[Path, ...]:
        """The files whose content the document uses."""
        return tuple(dict.fromkeys(path for _, path in self._contents))

    def apply(self) -> Document:
        """Return the document with everything that it asks for; the same one if it is nothing."""
        value = self._document.value
        if isinstance(value, dict) and value.get("env") is True:
            value = {key: inner for key, inner in value.items() if key != "env"}
            value = self._with_variables(value, ())
        value = self._with_contents(value)
        if value is self._document.value:
            return self._document
        return replace(
            self._document, value=value, lines=self._lines, problems=tuple(self._problems)
        )

    def _report(self, place: Place, what: str, remedy: str) -> None:
        self._problems.append(self._document.problem(place, what, remedy))

    # ── Variables ────────────────────────────────────────────────────────────────

    def _with_variables(self, value: Any, place: Place) -> Any:
        if isinstance(value, dict):
            return {key: self._with_variables(inner, (*place, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._with_variables(inner, (*place, at)) for at, inner in enumerate(value)]
        if isinstance(value, str) and "${" in value:
            return _VARIABLE.sub(lambda found: self._variable(found, place), value)
        return value

    def _variable(self, found: re.Match[str], place: Place) -> str:
        if found[0] == "$${":
            return "${"
        name = _NAME.fullmatch(found[1])
        if name is None or not found[2]:
            remedy = "write ${NAME} or ${NAME:-default}, and a literal ${ as $${"
            self._report(place, f"not a variable: {found[0]}", remedy)
            return ""
        value = self._environment.get(name[1])
        if name[2] is not None:
            return value or name[2]
        if value is None:
            remedy = f"set it, or write ${{{name[1]}:-default}}"
            self._report(place, f"the environment has no variable {name[1]}", remedy)
        return value or ""

    # ── Files ────────────────────────────────────────────────────────────────────

    def _with_contents(self, value: Any) -> Any:
        """Return the value with the content of a file in the place of each key that names one."""
        if not isinstance(value, dict):
            return value
        value = self._with_changed(value, "stubs", self._of_stub, ())
        objects = value.get("objects")
        if not isinstance(objects, dict):
            return value
        changed = self._with_changed(objects, "files", self._of_file, ("objects",))
        return value if changed is objects else value | {"objects": changed}

    def _with_changed(
        self, holder: Any, key: str, change: Callable[[Any, Place], Any], place: Place
    ) -> Any:
        """Return an object in which each item of the list under a key is changed."""
        items = holder.get(key)
        if not isinstance(items, list):
            return holder
        changed = [change(item, (*place, key, at)) for at, item in enumerate(items)]
        return holder if all(map(is_, changed, items)) else holder | {key: changed}

    def _of_file(self, file: Any, place: Place) -> Any:
        """Return an initial file with the content that its path names, and with that name."""
        name = file.get("path") if isinstance(file, dict) else None
        if not isinstance(name, str) or {"content", "content_base64"} & file.keys():
            return file
        content = self._content("path", name, (*place, "path"))
        rest = {key: inner for key, inner in file.items() if key != "path"}
        return {"filename": Path(name).name} | rest | {"content_base64": content}

    def _of_stub(self, stub: Any, place: Place) -> Any:
        then = stub.get("then") if isinstance(stub, dict) else None
        if isinstance(then, list):
            here = (*place, "then")
            changed: Any = [self._of_action(one, (*here, at)) for at, one in enumerate(then)]
            return stub if all(map(is_, changed, then)) else stub | {"then": changed}
        changed = self._of_action(then, (*place, "then"))
        return stub if changed is then else stub | {"then": changed}

    def _of_action(self, action: Any, place: Place) -> Any:
        for key, target in INCLUDING.items():
            name = action.get(key) if isinstance(action, dict) else None
            if isinstance(name, str) and target not in action:
                content = self._content(key, name, (*place, key))
                self._lines[*place, target] = self._lines.get((*place, key), 1)
                rest = {other: inner for other, inner in action.items() if other != key}
                return rest | {target: content}
        return action

    def _content(self, key: str, name: str, place: Place) -> Any:
        path = self._folder / name
        if (key, path) not in self._contents:
            self._contents[key, path] = self._read(key, path, place)
        return self._contents[key, path]

    def _read(self, key: str, path: Path, place: Place) -> Any:
        """Return the content of a file; what is wrong with it is reported."""
        try:
            content = path.read_bytes()
            if key == "json_file":
                return read(content, str(path), as_json=True).checked_value()
            if len(content) > SIZE_LIMIT:
                self._report(place, f"{path} is too large", f"keep it within {SIZE_LIMIT} bytes")
            if key == "path":
                return b64encode(content).decode()
            return content.decode()
        except FileNotFoundError:
            remedy = f"put the file there, its path is read from {self._folder}"
            self._report(place, f"no such file: {path}", remedy)
        except UnicodeDecodeError:
            self._report(place, f"{path} is not UTF-8", "save the file as UTF-8")
        except FixtureError as error:
            self._problems.extend(error.problems)
        except (OSError, ValueError) as error:
            problem: Problem = unreadable(str(path), error)
            self._report(place, f"{path} {problem.what}", problem.remedy)
        return None if key == "json_file" else ""
