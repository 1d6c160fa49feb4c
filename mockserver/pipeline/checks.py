"""The checks that come before an operation's own, in the real service's order."""

from multidict import MultiMapping, istr

from mockserver.api.shared.errors import ApiError, quoted_list
from mockserver.api.shared.known_operations import KnownOperation
from mockserver.api.shared.stored_files import no_room
from mockserver.http import credentials, json_codec
from mockserver.http.masking import mask_path
from mockserver.http.response import JSON
from mockserver.pipeline.exchange import Exchange

BETA_HEADER = istr("OpenAI-Beta")
CONTENT_TYPE = istr("Content-Type")


def require_operation(exchange: Exchange) -> None:
    """Refuse what no operation is for; where the router itself failed, raise what went wrong."""
    route, request, service = exchange.route, exchange.request, exchange.route.mount.service
    if service.dialect is not None:
        exchange.dialect = service.dialect(request.query)
    if route.operation is not None:
        return
    if route.failure is not None:
        raise route.failure
    if route.unserved is not None:
        raise ApiError(
            "operation_not_served",
            operation=route.unserved.operation_id,
            method=request.method,
            path=_pattern(request.path, route.unserved),
        )
    if route.allowed:
        raise ApiError(
            "method_not_supported",
            allowed=quoted_list(route.allowed, "and").replace("'", ""),
            headers={"Allow": ", ".join(route.allowed)},
        )
    if route.is_v1_only and service.wants_beta_header and _beta_version(request.headers) == "v1":
        raise ApiError("v1_endpoint")
    raise ApiError(service.not_found, method=request.method, path=mask_path(request.path))


def authenticate(exchange: Exchange) -> None:
    """Refuse a request without a key, or with one that cannot be a key."""
    if exchange.key is None:
        raise ApiError("no_api_key")
    if not credentials.is_well_formed(exchange.key):
        raise ApiError("invalid_api_key", key=credentials.mask(exchange.key))


def require_beta_header(exchange: Exchange) -> None:
    """Refuse a request that does not ask for v2 of the Assistants API."""
    headers = exchange.request.headers
    if not exchange.operation.beta or headers.get(BETA_HEADER) == "assistants=v2":
        return
    if not exchange.route.mount.service.wants_beta_header:
        return
    version = _beta_version(headers)
    if version != "v2":
        raise ApiError("beta_header_v1" if version == "v1" else "beta_header_missing")


def parse_body(exchange: Exchange) -> None:
    """Parse the body, which has to say that it is JSON; no body counts as an empty object.

    Of a form, what is parsed is its description.
    """
    request, operation = exchange.request, exchange.operation
    if request.body_error is not None:
        raise _unreadable(request.body_error, exchange)
    if operation.body is None:
        return
    if not request.body:
        exchange.body = {}
        return
    if request.form is None and request.headers.get(CONTENT_TYPE) != JSON:  # as a rule it is
        _require_json(request.headers.get(CONTENT_TYPE))
    if exchange.body is not None:
        return
    try:
        exchange.body = json_codec.loads(request.body)
    except json_codec.TooDeepError:
        raise ApiError("json_too_deep", levels=json_codec.MAX_DEPTH) from None
    except json_codec.NotJSONError:
        raise ApiError("not_json") from None


def _unreadable(name: str, exchange: Exchange) -> ApiError:
    """Return the error of a body that could not be read."""
    headers, operation = exchange.request.headers, exchange.operation
    if name == "body_too_large" and operation.reader == "multipart":
        return no_room(exchange.namespace.contents, operation.body_limit)
    return ApiError(
        name,
        limit=operation.body_limit,
        encoding=headers.get("Content-Encoding"),
        content_type=headers.get(CONTENT_TYPE),
    )


def _require_json(content_type: str | None) -> None:
    """Refuse a body that does not say that it is JSON [recorded]; parameters are ignored."""
    if content_type is None:
        raise ApiError("missing_content_type")
    media_type = content_type.partition(";")[0].strip()
    if media_type.lower() != JSON:
        raise ApiError("unsupported_content_type", media_type=media_type, content_type=content_type)


def _pattern(path: str, operation: KnownOperation) -> str:
    """Return a path as a stub has it: with its mount, and `*` for each id."""
    names = operation.segments
    mount = path.split("/")[: -len(names)]
    return "/".join([*mount, *("*" if name.startswith("{") else name for name in names)])


def _beta_version(headers: MultiMapping[str]) -> str | None:
    """Return the version of the Assistants API that a request asks for.

    v2 wins over v1 in one header; any other value counts as none [inferred].
    """
    lines = headers.getall(BETA_HEADER, [])
    versions = {part.strip() for line in lines for part in line.split(",")}
    return next((v for v in ("v2", "v1") if f"assistants={v}" in versions), None)
