"""The image of a chart, as the SDK's event handler and its download see it."""

import pytest
from openai import AssistantEventHandler, OpenAI
from openai.types.beta.threads import ImageFile

from tests.sdk.situations import QUESTION, TOOLS, follow
from tests.support import Api

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Gallery(AssistantEventHandler):
    """Keeps the images of messages."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[ImageFile] = []

    def on_image_file_done(self, image_file: ImageFile) -> None:
        self.images.append(image_file)


def test_an_image_of_code_is_streamed_and_downloads(client: OpenAI, api: Api) -> None:
    follow(api, [{"code": {"input": "plot()", "image": True}}, {"say": "A chart."}])
    assistant = client.beta.assistants.create(model="gpt-4o", tools=TOOLS)
    thread = client.beta.threads.create(messages=QUESTION)
    gallery = Gallery()

    with client.beta.threads.runs.stream(
        thread_id=thread.id, assistant_id=assistant.id, event_handler=gallery
    ) as stream:
        stream.until_done()

    [image] = gallery.images
    assert client.files.content(image.file_id).read().startswith(b"\x89PNG")
    [message] = stream.get_final_messages()
    assert [part.type for part in message.content] == ["image_file", "text"]
