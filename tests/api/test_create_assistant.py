"""`POST /v1/assistants`: what a valid create answers, byte for byte."""

import re

from tests.support import Api

RECORDED = """{
  "id": "ID",
  "object": "assistant",
  "created_at": TIME,
  "name": null,
  "description": null,
  "model": "gpt-4o",
  "instructions": null,
  "tools": [],
  "top_p": 1.0,
  "temperature": 1.0,
  "reasoning_effort": null,
  "tool_resources": {},
  "metadata": {},
  "response_format": "auto"
}"""


def test_the_smallest_create_answers_the_recorded_bytes(api: Api) -> None:
    reply = api.post("/v1/assistants", {"model": "gpt-4o"})

    text = re.sub(r"asst_[A-Za-z0-9]{24}", "ID", reply.body.decode())
    assert re.sub(r"\b\d{10}\b", "TIME", text) == RECORDED
    assert reply.status == 200
    assert reply.headers["Content-Length"] == "332"
    assert reply.headers["Content-Type"] == "application/json"
