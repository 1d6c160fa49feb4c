"""Vector stores of fixtures, which exist from the start with their files."""

from pathlib import Path

from tests.api.vector_stores.shelf import STORES, files_path, listed, search
from tests.conftest import Start
from tests.forms import upload
from tests.loading.objects.problems import the_problem
from tests.support import Api

TIPS = "{id: file-tips, filename: tips.md, purpose: assistants, content: Drink water.}"


def test_a_store_is_searched_from_the_first_request(start: Start, file: Path) -> None:
    file.write_text(
        f"""
        objects:
          vector_stores:
            - {{id: vs_tips, name: Tips, file_ids: [file-tips], created_at: -3600}}
            - {{repeat: 2, name: Empty}}
          files: [{TIPS}]
        """
    )
    api = start(fixtures=(str(file),))

    for key in ("sk-one", "sk-other"):
        own = Api(api.url, key)
        assert listed(own.get(files_path("vs_tips"))) == ["file-tips"]
        assert len(listed(own.get(STORES))) == 3
        shown = own.get(f"{STORES}/vs_tips").json
        assert (shown["name"], shown["file_counts"]["total"]) == ("Tips", 1)
        assert shown["created_at"] == shown["last_active_at"] == 1735689600 - 3600
        assert search(own, "vs_tips", "water")[0]["content"][0]["text"] == "Drink water."


def test_a_posted_store_may_have_a_file_that_was_uploaded(api: Api) -> None:
    file_id = upload(api, b"Drink water.")["id"]
    entry = {"id": "vs_posted", "file_ids": [file_id]}

    assert api.post("/_mock/stubs", {"objects": {"vector_stores": [entry]}}).status == 200

    assert listed(api.get(files_path("vs_posted"))) == [file_id]


def test_a_store_of_a_file_that_is_nowhere_is_a_problem() -> None:
    text = f"objects: {{files: [{TIPS}], vector_stores: [{{file_ids: [file-tip]}}]}}"

    problem = the_problem(text)

    assert "file-tip" in problem.what
    assert "file-tips" in problem.remedy


def test_a_file_that_cannot_be_searched_is_a_problem() -> None:
    table = TIPS.replace("tips.md", "tips.csv")
    text = f"objects: {{files: [{table}], vector_stores: [{{file_ids: [file-tips]}}]}}"

    problem = the_problem(text)

    assert "Files with extensions [.csv]" in problem.what
    assert problem.remedy == "name files of a kind that can be searched"
