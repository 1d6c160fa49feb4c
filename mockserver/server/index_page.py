"""The index page: the response to `/`, for people."""

import re

from mockserver.http.request import Request
from mockserver.http.response import Response

_PLAIN_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}")

_PAGE = """\
mockserver stands in for OpenAI's Assistants API: the same responses every time, from memory.
The real API was shut down on 2026-08-26 and answers a bare 404; --sunset does the same.

Create an assistant:
curl {url}/v1/assistants -H 'Authorization: Bearer sk-anything' -H 'OpenAI-Beta: assistants=v2' -H 'Content-Type: application/json' -d '{{"model": "gpt-4o", "name": "Math Tutor"}}'

List what there is:
curl {url}/v1/assistants -H 'Authorization: Bearer sk-anything' -H 'OpenAI-Beta: assistants=v2'

Make a request fail ({url}/_mock/faults lists the faults):
curl {url}/v1/assistants -H 'X-Mock-Fault: rate_limit_exceeded' -H 'Authorization: Bearer sk-anything' -H 'OpenAI-Beta: assistants=v2'

Any key works, and each has a namespace of its own. For clients: OPENAI_BASE_URL={url}/v1
Control, under {url}/_mock/: stubs, requests, faults, report, clock, state, settings, namespace.
"""  # noqa: E501  lines to paste into a shell


def is_asked_for(request: Request) -> bool:
    """Return whether a request is for the page."""
    return request.path == "/" and request.method in ("GET", "HEAD")


def response(request: Request) -> Response:
    """Return the page, with the address from the Host header in its examples."""
    host = request.headers.get("Host", "")
    if not _PLAIN_HOST.fullmatch(host):
        host = "127.0.0.1:4010"
    text = _PAGE.format(url=f"http://{host}")
    return Response(200, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})
