"""The recorded layouts of runs and steps; `<names>` in them stand for what differs."""

from typing import Any

from tests.api.conversation import FUNCTIONS, THREADS, laid_out, path_of, play, posted, thread
from tests.support import Api, Reply

RUN = """{
  "id": <run>,
  "object": "thread.run",
  "created_at": 1735689603,
  "assistant_id": <assistant>,
  "thread_id": <thread>,
  "status": <status>,
  "started_at": <started_at>,
  "expires_at": <expires_at>,
  "cancelled_at": <cancelled_at>,
  "failed_at": <failed_at>,
  "completed_at": <completed_at>,
  "required_action": <required_action>,
  "last_error": <last_error>,
  "model": "gpt-4o",
  "instructions": "Answer briefly: ñ.",
  "tools": [
    {
      "type": "function",
      "function": {
        "name": "get_weather",
        "description": null,
        "parameters": {
          "type": "object",
          "properties": {}
        },
        "strict": false
      }
    }
  ],
  "tool_resources": {},
  "metadata": {},
  "temperature": 1.0,
  "top_p": 1.0,
  "reasoning_effort": null,
  "max_completion_tokens": null,
  "max_prompt_tokens": null,
  "truncation_strategy": {
    "type": "auto",
    "last_messages": null
  },
  "incomplete_details": <incomplete_details>,
  "usage": <usage>,
  "response_format": "auto",
  "tool_choice": "auto",
  "parallel_tool_calls": true
}"""

REQUIRED_ACTION = """{
    "type": "submit_tool_outputs",
    "submit_tool_outputs": {
      "tool_calls": [
        {
          "id": <call>,
          "type": "function",
          "function": {
            "name": "get_weather",
            "arguments": "{\\"city\\":\\"Zürich\\"}"
          }
        }
      ]
    }
  }"""

STEP = """{
  "id": <step>,
  "object": "thread.run.step",
  "created_at": 1735689604,
  "run_id": <run>,
  "assistant_id": <assistant>,
  "thread_id": <thread>,
  "type": <type>,
  "status": <status>,
  "cancelled_at": <cancelled_at>,
  "completed_at": <completed_at>,
  "expires_at": <expires_at>,
  "failed_at": <failed_at>,
  "last_error": <last_error>,
  "step_details": <details>,
  "usage": <usage>
}"""

USAGE = """{
    "prompt_tokens": <prompt>,
    "completion_tokens": <completion>,
    "total_tokens": <total>,
    "prompt_token_details": {
      "cached_tokens": 0
    },
    "completion_tokens_details": {
      "reasoning_tokens": 0
    }
  }"""

MESSAGE_CREATION = """{
    "type": "message_creation",
    "message_creation": {
      "message_id": <message>
    }
  }"""

TOOL_CALLS = """{
    "type": "tool_calls",
    "tool_calls": [
      {
        "id": <call>,
        "type": "function",
        "function": {
          "name": "get_weather",
          "arguments": "{\\"city\\":\\"Zürich\\"}",
          "output": <output>
        }
      }
    ]
  }"""

ERROR = """{
    "code": "rate_limit_exceeded",
    "message": "Rate limit reached for gpt-4o."
  }"""

OPEN = {"status": '"queued"', "expires_at": "1735690203"}
IN_PROGRESS = {**OPEN, "status": '"in_progress"', "started_at": "1735689604"}
ENDED = {**IN_PROGRESS, "expires_at": "null"}
NOTHING_USED = {"usage": USAGE, "prompt": "0", "completion": "0", "total": "0"}
SPOKE = {"usage": USAGE, "prompt": "7", "completion": "2", "total": "9"}
CALL = {"call": {"calls": [{"name": "get_weather", "arguments": '{"city":"Zürich"}'}]}}
FAIL = {"fail": {"code": "rate_limit_exceeded", "message": "Rate limit reached for gpt-4o."}}


def created_run(api: Api, *items: dict[str, Any]) -> Any:
    """Create a run at 1735689603 that follows these items."""
    assistant = api.create(tools=FUNCTIONS[:1], instructions="Old.")["id"]
    body = {"assistant_id": assistant, "instructions": "Answer briefly: ñ."}
    created = posted(api, f"{THREADS}/{thread(api, '2 + 2?')}/runs", body)
    play(api, created, *items)
    return created


def reads(api: Api, created: Any, times: int) -> Reply:
    """Read a run, and return the last response."""
    return [api.get(path_of(created)) for _ in range(times)][-1]


def is_run(reply: Reply, created: Any, **shown: str) -> None:
    laid_out(reply, RUN, run=created, **shown)


def is_step(api: Api, created: Any, **shown: str) -> None:
    """Compare the only step of a run, as it is retrieved and as it is listed."""
    listed = api.get(f"{path_of(created)}/steps")
    [step] = listed.json["data"]
    retrieved = api.get(f"{path_of(created)}/steps/{step['id']}")
    laid_out(retrieved, STEP, run=created, step=f'"{step["id"]}"', **shown)
    nested = retrieved.body.decode().replace("\n", "\n    ")
    assert listed.body.decode() == (
        f'{{\n  "object": "list",\n  "data": [\n    {nested}\n  ],\n'
        f'  "first_id": "{step["id"]}",\n  "last_id": "{step["id"]}",\n  "has_more": false\n}}'
    )
