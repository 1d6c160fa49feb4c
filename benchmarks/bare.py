"""The reference of the measurements: an aiohttp handler that returns bytes it was given.

`python -m benchmarks.bare PORT [FILE]`: the file is JSON, for each `METHOD /path` the bodies that
are returned in turn. Without one, Create Assistant and an upload are answered with 400 bytes.
"""

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle
from pathlib import Path

from aiohttp import MultipartReader, web

BODY = "{" + " " * 398 + "}"
CREATE = {"POST /v1/assistants": [BODY]}


def handler(bodies: Sequence[str]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that parses the JSON of a request, and returns the next of the bodies."""
    encoded = cycle([body.encode() for body in bodies])

    async def answer(request: web.Request) -> web.Response:
        if request.method == "POST":
            await request.json()
        return web.Response(body=next(encoded), content_type="application/json")

    return answer


async def upload(request: web.Request) -> web.Response:
    """Read each part of the form and return a response of 400 bytes."""
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if isinstance(part, MultipartReader):
            raise web.HTTPBadRequest
        await part.read()
    return web.Response(body=BODY.encode(), content_type="application/json")


if __name__ == "__main__":
    app = web.Application(client_max_size=2**30)
    app.router.add_post("/v1/files", upload)
    routes = json.loads(Path(sys.argv[2]).read_text()) if sys.argv[2:] else CREATE
    for route, bodies in routes.items():
        method, path = route.split(" ")
        app.router.add_route(method, path, handler(bodies))
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
