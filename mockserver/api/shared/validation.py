"""Validation: one table converts pydantic's errors to errors in the real service's words.

The service reports only one error: a missing key first, then an unknown key, then the fields in the
order of the schema, and so on inside each object [recorded on another endpoint with the same
validation layer].
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Tag, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from mockserver.api.shared import dialect as dialects
from mockserver.api.shared.dialect import Dialect
from mockserver.api.shared.errors import ApiError, quoted_list
from mockserver.http.form import FilePart

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]


class Strict(BaseModel):
    """A body, or a part of one. Unknown keys are refused, and no type is converted.

    `errors_of` names the errors of an older layer of the service, by pydantic's type of them, where
    a body still meets that layer.
    """

    errors_of: ClassVar[Mapping[str, str]] = {}

    # Only whole bodies are validated: validators of the parts are never needed.
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


def validate(model: type[Model], value: object, dialect: Dialect | None = None) -> Model:
    """Return `value` as an instance of `model`; `dialect` None takes OpenAI's own fields.

    Raises:
        ApiError: the one error that the real service would report.
    """
    try:
        # What model_validate() does, without the cost of its optional arguments.
        validator = model.__pydantic_validator__
        checked: Model = (
            validator.validate_python(value)
            if dialect is None
            else validator.validate_python(value, context=dialect)
        )
        return checked
    except ValidationError as invalid:
        if invalid.error_count() > MAX_ERRORS:
            # The error to report is among the first of its object: sorting all would be slow.
            smaller = _thinned(value, frozenset(_field_names(model)))
            if smaller != value:
                return validate(model, smaller, dialect)
        raise _first_error(invalid, getattr(model, "errors_of", {})) from None


def every_error(model: type[BaseModel], value: object) -> list[ApiError]:
    """Return every error of `value`, of which the real service would report one."""
    try:
        model.__pydantic_validator__.validate_python(value)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
        api_errors = [_TABLE[error["type"]](error, _place(error)) for error in errors]
        return list({str(api_error): api_error for api_error in api_errors}.values())
    return []


MAX_ERRORS = 2000
"""How many errors are sorted; a value that has more is made smaller first."""


def _thinned(value: Any, known: frozenset[str]) -> Any:
    """Return `value` with at most 100 unknown keys in each object and 1000 items in each list."""
    if isinstance(value, dict):
        unknown = islice((name for name in value if name not in known), 100)
        kept = {name: None for name in value if name in known} | dict.fromkeys(unknown)
        return {name: _thinned(value[name], known) for name in value if name in kept}
    if isinstance(value, list):
        return [_thinned(item, known) for item in value[:1000]]
    return value


def _field_names(model: type[BaseModel]) -> Iterator[str]:
    text = json.dumps(model.model_json_schema())
    return (match[1] for match in re.finditer(r'"(\w+)": ', text))


def check_id(param: str, value: str, prefix: str) -> None:
    """Check the form of an id, as the real service does before it looks for the object.

    Raises:
        ApiError: the id has illegal characters or another prefix.
    """
    error_name = _id_error_name(value, prefix)
    if error_name is not None:
        raise ApiError(error_name, param=param, got=value, prefix=prefix)


def id_with_prefix(prefix: str) -> Callable[[str, ValidationInfo], str]:
    """Return a pydantic validator that checks an id as `check_id` does."""

    def check(value: str, info: ValidationInfo) -> str:
        name = _id_error_name(value, prefix)
        if name == "id_prefix" and value.startswith(dialects.of(info).further_prefixes(prefix)):
            return value
        if name is not None:
            raise PydanticCustomError("id", "invalid id", {"name": name, "prefix": prefix})
        return value

    return check


_MARK = "‹"
_TAGS: set[str] = set()


def tag(kind: str) -> Tag:
    """Return the tag of a union's member, marked so that it is never taken for a field."""
    _TAGS.add(_MARK + kind)
    return Tag(_MARK + kind)


def by_type(value: Any) -> str | None:
    """Return the tag of the member of a union of objects that a `type` selects."""
    if not isinstance(value, dict) or "type" not in value:
        return None
    name = value["type"]
    return _MARK + name if isinstance(name, str) and not name.startswith(_MARK) else _MARK + "?"


def word_or_by_type(value: Any) -> str | None:
    """Return the tag as `by_type` does, and for a string the tag of the member `tag(WORD)`."""
    return _MARK + WORD if isinstance(value, str) else by_type(value)


def word_or_list(name: str) -> Callable[[Any], str]:
    """Return a function that gives the tag WORD for a string, and the tag `name` otherwise."""
    return lambda value: _MARK + (WORD if isinstance(value, str) else name)


def list_or_word(name: str) -> Callable[[Any], str]:
    """Return a function that gives the tag `name` for a list, and the tag WORD otherwise."""
    return lambda value: _MARK + (name if isinstance(value, list) else WORD)


WORD = _MARK


def path_text(path: Sequence[str | int]) -> str:
    """Return a path as the service writes it: `tools[3].function.name`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def kind(value: object) -> str:
    """Return the name of a value's JSON type, as the service writes it."""
    return _KINDS[type(value)]


_KINDS: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a decimal number",
    bool: "a boolean",
    type(None): "null",
    dict: "an object",
    list: "an array",
    FilePart: "a file",
}

_ID_CHARACTERS = re.compile(r"[A-Za-z0-9_-]*")


def _id_error_name(value: str, prefix: str) -> str | None:
    if not _ID_CHARACTERS.fullmatch(value):
        return "id_characters"
    return None if value.startswith(prefix) else "id_prefix"


# ── From many errors to the one that is reported ─────────────────────────────────


def _first_error(invalid: ValidationError, older: Mapping[str, str]) -> ApiError:
    errors = invalid.errors(include_url=False)
    places = [_place(error) for error in errors]
    # pydantic walks the schema in order, so the order of first occurrence is that of the schema.
    seen: dict[Path, int] = {}
    for place in places:
        for end in range(1, len(place) + 1):
            seen.setdefault(place[:end], len(seen))

    def order(index: int) -> list[tuple[int, int]]:
        place = places[index]
        steps = [(_FIELDS, seen[place[:end]]) for end in range(1, len(place) + 1)]
        if steps:
            steps[-1] = (_CLASSES.get(errors[index]["type"], _FIELDS), steps[-1][1])
        return steps

    first = min(range(len(errors)), key=order)
    error, place = errors[first], places[first]
    if error["type"] in older:
        return ApiError(older[error["type"]], name=place[-1])
    return _TABLE[error["type"]](error, place)


_FIELDS = 2
_CLASSES = {"missing": 0, "extra_forbidden": 1}


def _place(error: ErrorDetails) -> Path:
    """Return the path of an error in the body, without the tags of unions."""
    loc = error["loc"]
    if _is_about_a_key(error):
        loc = loc[:-1]
    return tuple(step for step in loc if step not in _TAGS)


def _is_about_a_key(error: ErrorDetails) -> bool:
    """Return whether an error is about a key, not its value: pydantic adds `[key]` to the path."""
    loc = error["loc"]
    return error["type"] == "string_too_long" and loc[-2:] == (error["input"], "[key]")


# ── The table ────────────────────────────────────────────────────────────────────

_Writer = Callable[[ErrorDetails, Path], ApiError]

_EXPECTED_AT: dict[tuple[str | int, str], str] = {
    ("metadata", "an object"): "a metadata object",
    ("tools", "an array"): "an array of tools",
    ("vector_stores", "an array"): "an array of objects",
    ("response_format", "an object"): "one of a string or object",
    ("tool_choice", "an object"): "one of a string or object",
    ("content", "an array"): "one of a string or array of objects",
    ("messages", "an array"): "an array of objects",
    ("query", "an array"): "one of a string or array of strings",
    ("additional_messages", "an array"): "an array of objects",
    ("attachments", "an array"): "an array of objects",
    ("tool_outputs", "an array"): "an array of objects",
}
"""What the service says it expected, where that is more than the name of the type."""


def _wrong_type(expected: str) -> _Writer:
    def write(error: ErrorDetails, place: Path) -> ApiError:
        if not place:
            return ApiError("body_not_an_object", got=kind(error["input"]))
        words = _EXPECTED_AT.get((place[-1], expected), expected)
        return ApiError(
            "invalid_type", param=path_text(place), expected=words, got=kind(error["input"])
        )

    return write


def _named(name: str) -> _Writer:
    return lambda error, place: ApiError(name, param=path_text(place))


def _string_too_long(error: ErrorDetails, place: Path) -> ApiError:
    value, maximum = error["input"], error["ctx"]["max_length"]
    if _is_about_a_key(error):
        return ApiError(
            "property_name_too_long",
            param=path_text(place),
            parent=path_text(place[:-1]),
            name=f"{value[:3]}...{value[-3:]}",
            maximum=maximum,
            length=len(value),
        )
    return ApiError("string_too_long", param=path_text(place), maximum=maximum, length=len(value))


def _string_too_short(error: ErrorDetails, place: Path) -> ApiError:
    return ApiError("empty_string", param=path_text(place), minimum=error["ctx"]["min_length"])


def _pattern(error: ErrorDetails, place: Path) -> ApiError:
    return ApiError("pattern_mismatch", param=path_text(place), pattern=error["ctx"]["pattern"])


def _too_long(error: ErrorDetails, place: Path) -> ApiError:
    value = error["input"]
    name = "too_many_properties" if isinstance(value, dict) else "array_too_long"
    return ApiError(
        name, param=path_text(place), maximum=error["ctx"]["max_length"], length=len(value)
    )


def _too_short(error: ErrorDetails, place: Path) -> ApiError:
    return ApiError("empty_array", param=path_text(place), minimum=error["ctx"]["min_length"])


def _out_of_range(direction: str, limit: str) -> _Writer:
    def write(error: ErrorDetails, place: Path) -> ApiError:
        bound = error["ctx"][limit]
        number = "decimal" if isinstance(bound, float) else "integer"
        return ApiError(
            f"{number}_{direction}",
            param=path_text(place),
            bound=f"{bound:g}" if isinstance(bound, float) else bound,
            got=error["input"],
        )

    return write


def _bad_literal(error: ErrorDetails, place: Path) -> ApiError:
    return _not_one_of(place, error["input"], _quoted(error["ctx"]["expected"]))


def _bad_tag(error: ErrorDetails, place: Path) -> ApiError:
    tags = (name.removeprefix(_MARK) for name in _quoted(error["ctx"]["expected_tags"]))
    allowed = [name for name in tags if name != WORD]
    return _not_one_of((*place, "type"), error["input"]["type"], allowed)


def _not_one_of(place: Path, value: object, allowed: Sequence[str]) -> ApiError:
    param = path_text(place)
    if isinstance(value, str):
        supported = quoted_list(allowed, "and")
        return ApiError("invalid_value", param=param, got=value, supported=supported)
    expected = quoted_list(allowed, "or")
    if len(allowed) > 1:
        expected = f"one of {expected}"
    return ApiError("invalid_type", param=param, expected=expected, got=kind(value))


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


def _no_tag(error: ErrorDetails, place: Path) -> ApiError:
    if not isinstance(error["input"], dict):
        return _wrong_type("an object")(error, place)
    return ApiError("missing_required_parameter", param=path_text((*place, "type")))


def _id(error: ErrorDetails, place: Path) -> ApiError:
    ctx = error["ctx"]
    return ApiError(ctx["name"], param=path_text(place), got=error["input"], prefix=ctx["prefix"])


def _purpose(error: ErrorDetails, place: Path) -> ApiError:
    got, supported = repr(error["input"]), error["ctx"]["supported"]
    return ApiError("unsupported_purpose", got=got, supported=supported)


def _unusable_file(error: ErrorDetails, place: Path) -> ApiError:
    return ApiError("unusable_file", param=path_text(place), problem=error["ctx"]["problem"])


_TABLE: dict[str, _Writer] = {
    "missing": _named("missing_required_parameter"),
    "extra_forbidden": _named("unknown_parameter"),
    "string_type": _wrong_type("a string"),
    "int_type": _wrong_type("an integer"),
    "float_type": _wrong_type("a decimal"),
    "bool_type": _wrong_type("a boolean"),
    "dict_type": _wrong_type("an object"),
    "model_type": _wrong_type("an object"),
    "model_attributes_type": _wrong_type("an object"),
    "list_type": _wrong_type("an array"),
    "string_too_long": _string_too_long,
    "string_too_short": _string_too_short,
    "string_pattern_mismatch": _pattern,
    "too_long": _too_long,
    "too_short": _too_short,
    "less_than_equal": _out_of_range("above_maximum", "le"),
    "greater_than_equal": _out_of_range("below_minimum", "ge"),
    "literal_error": _bad_literal,
    "union_tag_invalid": _bad_tag,
    "union_tag_not_found": _no_tag,
    "id": _id,
    "scalar": _wrong_type("one of a string, decimal, or boolean"),
    "compared": _wrong_type("one of a string, decimal, boolean, or array"),
    "is_instance_of": _wrong_type("a file"),
    "purpose": _purpose,
    "unusable_file": _unusable_file,
}
