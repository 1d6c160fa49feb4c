"""The reference for streams: an aiohttp handler that writes the chunks of a file, one by one.

`python -m benchmarks.bare_stream PORT FILE`: the file is a JSON list of texts.
"""

import json
import sys
from pathlib import Path

from aiohttp import web

CHUNKS = web.AppKey("CHUNKS", list[bytes])
HEADERS = {"Content-Type": "text/event-stream; charset=utf-8"}


async def stream(request: web.Request) -> web.StreamResponse:
    """Parse the JSON and write the chunks."""
    await request.json()
    response = web.StreamResponse(headers=HEADERS)
    response.enable_chunked_encoding()
    await response.prepare(request)
    for chunk in request.app[CHUNKS]:
        await response.write(chunk)
    await response.write_eof()
    return response


if __name__ == "__main__":
    app = web.Application()
    app[CHUNKS] = [chunk.encode() for chunk in json.loads(Path(sys.argv[2]).read_text())]
    app.router.add_post("/v1/threads/runs", stream)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
