"""The filters of a search, by the attributes of files."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator

from mockserver.api.shared.validation import Strict, by_type, tag
from mockserver.api.vector_stores.attributes import Compared


class Comparison(Strict):
    """`{"type": "eq", "key": "region", "value": "us"}`."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: str
    value: Compared


class Compound(Strict):
    """`{"type": "and", "filters": […]}`."""

    type: Literal["and", "or"]
    filters: list["Filter"]


Filter = Annotated[
    Annotated[Compound, tag("and")]
    | Annotated[Compound, tag("or")]
    | Annotated[Comparison, tag("eq")]
    | Annotated[Comparison, tag("ne")]
    | Annotated[Comparison, tag("gt")]
    | Annotated[Comparison, tag("gte")]
    | Annotated[Comparison, tag("lt")]
    | Annotated[Comparison, tag("lte")]
    | Annotated[Comparison, tag("in")]
    | Annotated[Comparison, tag("nin")],
    Discriminator(by_type),
]
Compound.model_rebuild()


def keeps(filter_: Comparison | Compound | None, attributes: dict[str, Any]) -> bool:
    """Return whether a filter lets a file with these attributes through.

    A file that lacks an attribute differs from every value of it [inferred].
    """
    if filter_ is None:
        return True
    if isinstance(filter_, Compound):
        results = (keeps(one, attributes) for one in filter_.filters)
        return all(results) if filter_.type == "and" else any(results)
    if filter_.key not in attributes:
        return filter_.type in ("ne", "nin")
    return _compare(attributes[filter_.key], filter_.type, filter_.value)


def _compare(actual: Any, operator: str, wanted: Any) -> bool:
    if operator in ("in", "nin"):
        among = wanted if isinstance(wanted, list) else [wanted]
        return any(_same(actual, one) for one in among) == (operator == "in")
    if operator in ("eq", "ne"):
        return _same(actual, wanted) == (operator == "eq")
    if isinstance(wanted, list) or _kind(actual) != _kind(wanted):
        return False
    results: dict[str, bool] = {
        "gt": actual > wanted,
        "gte": actual >= wanted,
        "lt": actual < wanted,
        "lte": actual <= wanted,
    }
    return results[operator]


def _same(one: Any, other: Any) -> bool:
    return _kind(one) == _kind(other) and bool(one == other)


def _kind(value: Any) -> str:
    return "bool" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
