"""What the README shows has run."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from mockserver.settings import OPTIONS, Option
from tests.conftest import Start

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """Give the README's code blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_curl_line_gives_the_answer_that_the_readme_shows(start: Start) -> None:
    [curl] = [block for block in blocks("sh") if block.startswith("curl")]

    printed = subprocess.run(  # noqa: S602  as a reader would paste it
        curl.replace("http://127.0.0.1:4010", start().url),
        shell=True,
        check=True,
        capture_output=True,
        text=True,
    )

    assert printed.stdout + "\n" == blocks("json")[0]
    assert json.loads(printed.stdout)["name"] == "Math Tutor"


def test_the_fixture_that_the_readme_shows_does_what_it_says(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "tutor.yaml"
    file.write_text(blocks("yaml")[0])
    api = start(fixtures=(str(file),))

    assert api.get("/v1/assistants/asst_tutor").json["name"] == "Math Tutor"
    flaky = {"model": "gpt-4o", "name": "Flaky"}
    refused = api.post("/v1/assistants", flaky)
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    assert api.post("/v1/assistants", flaky).status == 200
    assert api.create(name="Ada")["description"] == "Ada, at your service"


@pytest.mark.parametrize("code", blocks("python"))
def test_python_examples_run(code: str) -> None:
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.flag)
def test_every_option_is_documented(option: Option) -> None:
    [row] = re.findall(rf"^\| `{option.flag}\b.*$", README, re.MULTILINE)

    assert f"`{option.variable}`" in row
    assert option.help in row
    assert option.is_switch or option.separator or f"`{option.default}`" in row
