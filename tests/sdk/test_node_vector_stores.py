"""Vector stores with OpenAI's Node SDK: its polling helpers, its pages, and a run that cites."""

from mockserver import BackgroundServer, MockServer
from tests.sdk.test_node_sdk import run


def test_a_store_is_stocked_searched_and_cited(server: BackgroundServer, key: str) -> None:
    with MockServer(server.url, key) as mock:
        mock.configure(index_polls=2)
        mock.run([{"search": {}}, {"say": {"text": "Drink.【1】", "cite": True}}])

        seen = run("vector_stores.mjs", "openai", server.base_url, key)

    assert seen == {
        "statuses": ["completed"] * 3,
        "found": [["water.txt", "Drink water."], ["air.txt", "Breathe slowly."]],
        "content": ["Breathe slowly."],
        "cited": "water.txt",
        "deleted": True,
        "left": 1,
    }
