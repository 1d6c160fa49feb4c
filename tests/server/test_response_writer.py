"""The response writer, where a real client would have to be too quick to be seen."""

import pytest
from aiohttp.test_utils import make_mocked_request

from mockserver.http.response import Response
from mockserver.server.response_writer import ResponseWriter
from mockserver.server.write_batcher import WriteBatcher


async def test_a_client_that_has_gone_before_the_first_byte_ends_the_response() -> None:
    completed: list[bool] = []
    response = Response(200, b"{}", delay=1, on_complete=(completed.append,))
    request = make_mocked_request("GET", "/")
    request.protocol.transport = None

    with pytest.raises(ConnectionResetError):
        await ResponseWriter(response, WriteBatcher()).prepare(request)

    assert completed == [False]
