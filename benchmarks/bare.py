"""The reference of the measurements: aiohttp handlers that return 400 bytes."""

import sys

from aiohttp import MultipartReader, web

RESPONSE_BODY = b"{" + b" " * 398 + b"}"


async def create(request: web.Request) -> web.Response:
    """Parse the JSON and return a response of 400 bytes."""
    await request.json()
    return web.Response(body=RESPONSE_BODY, content_type="application/json")


async def upload(request: web.Request) -> web.Response:
    """Read each part of the form and return a response of 400 bytes."""
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if isinstance(part, MultipartReader):
            raise web.HTTPBadRequest
        await part.read()
    return web.Response(body=RESPONSE_BODY, content_type="application/json")


if __name__ == "__main__":
    app = web.Application(client_max_size=2**30)
    app.router.add_post("/v1/assistants", create)
    app.router.add_post("/v1/files", upload)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
