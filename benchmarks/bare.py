"""The reference of the measurements: an aiohttp handler that returns 400 bytes."""

import sys

from aiohttp import web

RESPONSE_BODY = b"{" + b" " * 398 + b"}"


async def create(request: web.Request) -> web.Response:
    """Parse the JSON and return a response of 400 bytes."""
    await request.json()
    return web.Response(body=RESPONSE_BODY, content_type="application/json")


if __name__ == "__main__":
    app = web.Application()
    app.router.add_post("/v1/assistants", create)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
