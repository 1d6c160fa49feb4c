"""pydantic's findings told in the real service's words: one table.

The service reports a single fault: a missing key first, then an unknown one,
then the fields in the schema's own order, and so on inside each object
[recorded on another endpoint with the same validation layer].
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Tag, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from mockserver.api.shared.errors import ApiError, quoted_list

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]


class Strict(BaseModel):
    """A body, or a part of one: unknown keys and near-miss types are refused."""

    # Only whole bodies are ever checked: validators of the parts would be built in vain.
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


def validate(model: type[Model], value: object) -> Model:
    """Check `value` against `model`.

    Raises:
        ApiError: the one fault that the real service would name.
    """
    try:
        # What model_validate() does, without its arguments for others' needs.
        checked: Model = model.__pydantic_validator__.validate_python(value)
        return checked
    except ValidationError as error:
        if error.error_count() > MANY_FAULTS:
            # One is told, and it is among the first of each object's: spare us the rest.
            less = _thinned(value, frozenset(_field_names(model)))
            if less != value:
                return validate(model, less)
        raise _first_fault(error) from None


def every_error(model: type[BaseModel], value: object) -> list[ApiError]:
    """Return all that is wrong with `value`, of which the real service would name one."""
    try:
        model.__pydantic_validator__.validate_python(value)
    except ValidationError as error:
        findings = error.errors(include_url=False)
        faults = [_TABLE[finding["type"]](finding, _place(finding)) for finding in findings]
        return list({str(fault): fault for fault in faults}.values())
    return []


MANY_FAULTS = 2000


def _thinned(value: Any, known: frozenset[str]) -> Any:
    """Keep of every object its known fields and a hundred others, of every list a thousand."""
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
    """Check an id as far as the real service does before it looks anything up.

    Raises:
        ApiError: illegal characters, or another prefix.
    """
    fault = _id_fault(value, prefix)
    if fault is not None:
        raise ApiError(fault, param=param, got=value, prefix=prefix)


def id_with_prefix(prefix: str) -> Callable[[str], str]:
    """Make a pydantic validator that does what `check_id` does."""

    def check(value: str) -> str:
        fault = _id_fault(value, prefix)
        if fault is not None:
            raise PydanticCustomError("id", "not an id", {"fault": fault, "prefix": prefix})
        return value

    return check


_MARK = "‹"
_TAGS: set[str] = set()


def tag(kind: str) -> Tag:
    """Make the tag of a union's member, so that it is never taken for a field."""
    _TAGS.add(_MARK + kind)
    return Tag(_MARK + kind)


def by_type(value: Any) -> str | None:
    """Tell the member of a union of objects, `tag(type)`, by its `type`."""
    if not isinstance(value, dict) or "type" not in value:
        return None
    name = value["type"]
    return _MARK + name if isinstance(name, str) and not name.startswith(_MARK) else _MARK + "?"


def word_or_by_type(value: Any) -> str | None:
    """Do the same where a word may stand for an object; its member is `tag(WORD)`."""
    return _MARK + WORD if isinstance(value, str) else by_type(value)


WORD = _MARK


def path_text(path: Sequence[str | int]) -> str:
    """Write a path as the service does: `tools[3].function.name`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def kind(value: object) -> str:
    """Name the JSON type of a value as the service does."""
    return _KINDS[type(value)]


_KINDS: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a decimal number",
    bool: "a boolean",
    type(None): "null",
    dict: "an object",
    list: "an array",
}

_ID_CHARACTERS = re.compile(r"[A-Za-z0-9_-]*")


def _id_fault(value: str, prefix: str) -> str | None:
    if not _ID_CHARACTERS.fullmatch(value):
        return "id_characters"
    return None if value.startswith(prefix) else "id_prefix"


# ── From many findings to the one fault ──────────────────────────────────────────


def _first_fault(error: ValidationError) -> ApiError:
    findings = error.errors(include_url=False)
    places = [_place(finding) for finding in findings]
    # Where a step first turns up is its rank: pydantic walks the schema in order.
    seen: dict[Path, int] = {}
    for place in places:
        for end in range(1, len(place) + 1):
            seen.setdefault(place[:end], len(seen))

    def order(index: int) -> list[tuple[int, int]]:
        place = places[index]
        steps = [(_FIELDS, seen[place[:end]]) for end in range(1, len(place) + 1)]
        if steps:
            steps[-1] = (_CLASSES.get(findings[index]["type"], _FIELDS), steps[-1][1])
        return steps

    first = min(range(len(findings)), key=order)
    return _TABLE[findings[first]["type"]](findings[first], places[first])


_FIELDS = 2
_CLASSES = {"missing": 0, "extra_forbidden": 1}


def _place(finding: ErrorDetails) -> Path:
    """Give the path of a finding in the body, without the tags of unions in it."""
    loc = finding["loc"]
    if _is_about_a_key(finding):
        loc = loc[:-1]
    return tuple(step for step in loc if step not in _TAGS)


def _is_about_a_key(finding: ErrorDetails) -> bool:
    """Tell whether it is not the value but the key that is at fault: pydantic adds `[key]`."""
    loc = finding["loc"]
    return finding["type"] == "string_too_long" and loc[-2:] == (finding["input"], "[key]")


# ── The table ────────────────────────────────────────────────────────────────────

_Writer = Callable[[ErrorDetails, Path], ApiError]

_EXPECTED_AT: dict[tuple[str | int, str], str] = {
    ("metadata", "an object"): "a metadata object",
    ("tools", "an array"): "an array of objects",
    ("vector_stores", "an array"): "an array of objects",
    ("response_format", "an object"): "one of a string or object",
}
"""What the service says that it expected, where the type alone does not tell."""


def _wrong_type(expected: str) -> _Writer:
    def write(finding: ErrorDetails, place: Path) -> ApiError:
        if not place:
            return ApiError("body_not_an_object", got=kind(finding["input"]))
        words = _EXPECTED_AT.get((place[-1], expected), expected)
        return ApiError(
            "invalid_type", param=path_text(place), expected=words, got=kind(finding["input"])
        )

    return write


def _named(name: str) -> _Writer:
    return lambda finding, place: ApiError(name, param=path_text(place))


def _string_too_long(finding: ErrorDetails, place: Path) -> ApiError:
    value, maximum = finding["input"], finding["ctx"]["max_length"]
    if _is_about_a_key(finding):
        return ApiError(
            "property_name_too_long",
            param=path_text(place),
            parent=path_text(place[:-1]),
            name=f"{value[:3]}...{value[-3:]}",
            maximum=maximum,
            length=len(value),
        )
    return ApiError("string_too_long", param=path_text(place), maximum=maximum, length=len(value))


def _string_too_short(finding: ErrorDetails, place: Path) -> ApiError:
    return ApiError("empty_string", param=path_text(place), minimum=finding["ctx"]["min_length"])


def _pattern(finding: ErrorDetails, place: Path) -> ApiError:
    return ApiError("pattern_mismatch", param=path_text(place), pattern=finding["ctx"]["pattern"])


def _too_long(finding: ErrorDetails, place: Path) -> ApiError:
    value = finding["input"]
    name = "too_many_properties" if isinstance(value, dict) else "array_too_long"
    return ApiError(
        name, param=path_text(place), maximum=finding["ctx"]["max_length"], length=len(value)
    )


def _too_short(finding: ErrorDetails, place: Path) -> ApiError:
    return ApiError("empty_array", param=path_text(place), minimum=finding["ctx"]["min_length"])


def _out_of_range(direction: str, limit: str) -> _Writer:
    def write(finding: ErrorDetails, place: Path) -> ApiError:
        bound = finding["ctx"][limit]
        number = "decimal" if isinstance(bound, float) else "integer"
        return ApiError(
            f"{number}_{direction}",
            param=path_text(place),
            bound=f"{bound:g}" if isinstance(bound, float) else bound,
            got=finding["input"],
        )

    return write


def _bad_literal(finding: ErrorDetails, place: Path) -> ApiError:
    return _not_one_of(place, finding["input"], _quoted(finding["ctx"]["expected"]))


def _bad_tag(finding: ErrorDetails, place: Path) -> ApiError:
    tags = (name.removeprefix(_MARK) for name in _quoted(finding["ctx"]["expected_tags"]))
    allowed = [name for name in tags if name != WORD]
    return _not_one_of((*place, "type"), finding["input"]["type"], allowed)


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


def _no_tag(finding: ErrorDetails, place: Path) -> ApiError:
    if not isinstance(finding["input"], dict):
        return _wrong_type("an object")(finding, place)
    return ApiError("missing_required_parameter", param=path_text((*place, "type")))


def _id(finding: ErrorDetails, place: Path) -> ApiError:
    ctx = finding["ctx"]
    return ApiError(
        ctx["fault"], param=path_text(place), got=finding["input"], prefix=ctx["prefix"]
    )


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
}
