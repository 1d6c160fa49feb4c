"""What everything is measured against: aiohttp, a handler, 400 bytes back."""

import sys

from aiohttp import web

ANSWER = b"{" + b" " * 398 + b"}"


async def create(request: web.Request) -> web.Response:
    """Parse the JSON, answer 400 bytes."""
    await request.json()
    return web.Response(body=ANSWER, content_type="application/json")


if __name__ == "__main__":
    app = web.Application()
    app.router.add_post("/v1/assistants", create)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
