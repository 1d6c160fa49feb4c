"""Images that code makes: files that download, in the step and in the next message."""

from typing import Any

import pytest

from tests.api.conversation import THREADS, read, run, steps_of, thread
from tests.api.streams import begin, data, script, streamed
from tests.forms import upload
from tests.support import Api

INTERPRETER = [{"type": "code_interpreter"}]
CHART: tuple[Any, ...] = ({"code": {"input": "plot()", "image": True}}, {"say": "A chart."})


def played(api: Api, *items: Any) -> Any:
    """Return a run that has followed a script, polled to its end."""
    script(api, *items)
    made = run(api, thread(api, "a"), tools=INTERPRETER)
    while made["status"] in ("queued", "in_progress"):
        made = read(api, made)
    return made


def test_an_image_is_in_the_step_and_in_the_next_message_and_downloads(api: Api) -> None:
    made = played(api, *CHART, {"say": "No chart."})

    [code, *_] = steps_of(api, made)
    [output] = code["step_details"]["tool_calls"][0]["code_interpreter"]["outputs"]
    file_id = output["image"]["file_id"]
    assert output == {"type": "image", "image": {"file_id": file_id}}
    messages = api.get(f"{THREADS}/{made['thread_id']}/messages?order=asc").json["data"]
    shown = {"type": "image_file", "image_file": {"file_id": file_id, "detail": "auto"}}
    assert [part["type"] for part in messages[1]["content"]] == ["image_file", "text"]
    assert messages[1]["content"][0] == shown
    assert [part["type"] for part in messages[2]["content"]] == ["text"]
    file = api.get(f"/v1/files/{file_id}").json
    assert (file["purpose"], file["filename"]) == ("assistants_output", "image.png")
    assert api.get(f"/v1/files/{file_id}/content").body.startswith(b"\x89PNG\r\n")


def test_an_image_is_streamed_before_the_text(api: Api) -> None:
    heard = streamed(api, *begin(api, thread(api, "a"), *CHART))

    deltas = data(heard, "message.delta")
    parts = [part for one in deltas for part in one["delta"]["content"]]
    assert [(part["index"], part["type"]) for part in parts][:2] == [(0, "image_file"), (1, "text")]
    [done] = data(heard, "message.completed")
    assert done["content"][0]["image_file"] == parts[0]["image_file"]
    last = data(heard, "run.step.delta")[-1]["delta"]["step_details"]["tool_calls"][0]
    image = {"file_id": parts[0]["image_file"]["file_id"]}
    assert last["code_interpreter"] == {"outputs": [{"index": 0, "type": "image", "image": image}]}


def test_a_file_is_named_as_the_image(api: Api) -> None:
    file = upload(api, b"\x89PNG", "chart.png", "vision")

    made = played(api, {"code": {"input": "plot()", "image": "chart.png"}}, {"say": "A chart."})

    [code, *_] = steps_of(api, made)
    [output] = code["step_details"]["tool_calls"][0]["code_interpreter"]["outputs"]
    assert output["image"]["file_id"] == file["id"]


def test_an_image_that_is_not_there_fails_the_run(api: Api) -> None:
    made = played(api, {"code": {"input": "plot()", "image": "gone.png"}})

    assert made["status"] == "failed"
    assert "gone.png, a file that is not there" in made["last_error"]["message"]


@pytest.mark.parametrize("image", [5, [], {"a": 1}])
def test_an_image_that_is_none_is_refused(api: Api, image: Any) -> None:
    reply = api.post("/_mock/stubs", {"then": {"run": [{"code": {"input": "a", "image": image}}]}})

    assert reply.status == 400
