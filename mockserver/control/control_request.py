"""A call of the control API: its key, its query and its body."""

from functools import cached_property
from typing import Any

from mockserver.control.server_state import ServerState
from mockserver.http import credentials, json_codec
from mockserver.http.request import Request, query_parameters
from mockserver.http.response import JSON, Response
from mockserver.loading.read_document import read
from mockserver.state.namespace import Namespace

PREFIX = "/_mock/"

STATE_LEVELS = 20
"""How many levels of nesting a state adds around the values that clients sent."""


class RefusedError(Exception):
    """A refused call: the status of its response, and every problem with its remedy."""

    def __init__(self, status: int, problems: list[dict[str, Any]]) -> None:
        super().__init__(status)
        self.status = status
        self.problems = problems
        self.headers: dict[str, str] = {}


def refuse(status: int, what: str, remedy: str, place: str = "") -> RefusedError:
    """Return a refusal with one problem."""
    return RefusedError(status, [as_problem(place, what, remedy)])


class ControlRequest:
    """A call of the control API: its key, its query and its body.

    Raises:
        RefusedError: the credential is malformed.
    """

    def __init__(self, request: Request, state: ServerState) -> None:
        self.http = request
        self.key = credentials.find(request.headers, azure=True)
        if self.key is None and request.headers.get("Authorization"):
            raise refuse(
                400,
                "the Authorization header has no API key",
                "send Authorization: Bearer KEY, or no such header to act on the whole server",
            )
        if self.key is not None and not credentials.is_well_formed(self.key):
            raise refuse(400, "not an API key", "use visible ASCII characters and spaces")
        self._state = state

    @cached_property
    def namespace(self) -> Namespace | None:
        """The key's namespace, created on first use; None without a key."""
        return None if self.key is None else self._state.namespaces.get(self.key)

    @property
    def content_type(self) -> str:
        """The media type of the body, without its parameters."""
        return self.http.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self, *, by_size: bool = True) -> dict[str, Any]:
        """Return the body, a JSON object; with `by_size`, within the limits of a fixture document.

        Raises:
            RefusedError: the body is not a JSON object, or its Content-Type is not JSON.
            FixtureError: with `by_size`, the body is not JSON, or it exceeds the limits.
        """
        self.demand_json()
        if by_size:
            value = read(self.http.body, "the body", as_json=True).checked_value()
        else:
            levels = json_codec.MAX_DEPTH + STATE_LEVELS
            try:
                value = json_codec.loads(self.http.body, levels)
            except json_codec.TooDeepError:
                raise refuse(400, f"nested more than {levels} levels", "nest less deeply") from None
            except ValueError as error:
                raise refuse(400, f"not JSON: {error}", "correct the syntax") from None
        if not isinstance(value, dict):
            raise refuse(400, "the body is not a JSON object", "send an object")
        return value

    def demand_json(self) -> None:
        """Refuse a body of another type: a web page could send it without the user's consent.

        Raises:
            RefusedError: the Content-Type is not JSON.
        """
        if self.content_type != "application/json":
            raise refuse(415, "the Content-Type is not JSON", "send Content-Type: application/json")

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters."""
        return query_parameters(self.http.query)


def as_problem(place: str, what: str, remedy: str) -> dict[str, Any]:
    """Return a problem as the control API represents it."""
    return {"place": place, "what": what, "remedy": remedy}


def json_response(status: int, value: Any) -> Response:
    """Return a response with a JSON body."""
    return Response(status, json_codec.dumps(value), {"Content-Type": JSON})
