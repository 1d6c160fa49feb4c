"""The code under test of these tests: an assistant with two tools, polled in a loop of its own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openai import OpenAI

Tools = Mapping[str, Callable[..., str]]

TOOLS: Tools = {
    "get_weather": lambda city: f'{{"city": "{city}", "celsius": {len(city) * 5}}}',
    "get_time": lambda: "noon",
}


@dataclass
class WeatherApp:
    """Answers questions, in one thread."""

    client: OpenAI
    tools: Tools

    def __post_init__(self) -> None:
        functions: Any = [
            {"type": "function", "function": {"name": name}} for name in ("get_weather", "get_time")
        ]
        beta = self.client.beta
        self.assistant = beta.assistants.create(model="gpt-4o", name="Weather", tools=functions)
        self.thread = beta.threads.create()

    def ask(self, question: str) -> str:
        """Return the answer to a question; the status in brackets where there is none."""
        threads = self.client.beta.threads
        threads.messages.create(self.thread.id, role="user", content=question)
        run = threads.runs.create(self.thread.id, assistant_id=self.assistant.id)
        while run.status in ("queued", "in_progress", "requires_action"):
            if run.required_action is not None:
                outputs: Any = [
                    {"tool_call_id": call.id, "output": self._output(call.function)}
                    for call in run.required_action.submit_tool_outputs.tool_calls
                ]
                threads.runs.submit_tool_outputs(
                    run.id, thread_id=run.thread_id, tool_outputs=outputs
                )
            run = threads.runs.retrieve(run.id, thread_id=run.thread_id)
        parts: Any = threads.messages.list(run.thread_id).data[0].content
        if run.status != "completed":
            return f"({run.status})"
        return parts[0].text.value if parts[0].type == "text" else f"no: {parts[0].refusal}"

    def _output(self, function: Any) -> str:
        return self.tools[function.name](**json.loads(function.arguments))
