"""The official Python clients, each listening to one run under a fault."""

from dataclasses import dataclass
from typing import Any, cast

from azure.ai.agents import AgentsClient
from azure.core.credentials import AzureKeyCredential, TokenCredential
from azure.core.pipeline.policies import AzureKeyCredentialPolicy
from openai import AssistantEventHandler, OpenAI

from mockserver import BackgroundServer
from tests.sdk.situations import QUESTION
from tests.sdk.test_foundry_streams import Handler, word

PATIENCE = 2.5
"""How long a client waits for the next byte, in seconds."""


@dataclass(frozen=True)
class Seen:
    """What a client raised, if anything, the text that it got, and the status it heard of last."""

    raised: str
    text: str
    status: str


def event_handler(server: BackgroundServer, key: str, fault: str) -> Seen:
    """Listen with the event handler of OpenAI's SDK."""
    text, raised, handler = "", "", AssistantEventHandler()
    with OpenAI(base_url=server.base_url, api_key=key, timeout=PATIENCE) as client:
        try:
            with client.beta.threads.runs.stream(
                **_new_ids(client), event_handler=handler, extra_headers={"X-Mock-Fault": fault}
            ) as stream:
                for delta in stream.text_deltas:
                    text += delta
        except Exception as error:  # noqa: BLE001  any exception of the SDK
            raised = type(error).__name__
    run = handler.current_run
    return Seen(raised, text, run.status if run else "")


def stream_true(server: BackgroundServer, key: str, fault: str) -> Seen:
    """Listen with `stream=True` of OpenAI's SDK."""
    text, raised, status = "", "", ""
    with OpenAI(base_url=server.base_url, api_key=key, timeout=PATIENCE) as client:
        try:
            for event in client.beta.threads.runs.create(
                **_new_ids(client), stream=True, extra_headers={"X-Mock-Fault": fault}
            ):
                data: Any = event.data
                if event.event == "thread.message.delta":
                    text += data.delta.content[0].text.value
                elif getattr(data, "object", None) == "thread.run":
                    status = data.status
        except Exception as error:  # noqa: BLE001  any exception of the SDK
            raised = type(error).__name__
    return Seen(raised, text, status)


def azure_ai_agents(server: BackgroundServer, key: str, fault: str) -> Seen:
    """Listen with the event handler of Microsoft's client for Foundry."""
    credential = AzureKeyCredential(key)
    policy = AzureKeyCredentialPolicy(credential, "Authorization", prefix="Bearer")
    raised, handler = "", Handler()
    with AgentsClient(
        f"{server.url}/api/projects/tutors",
        cast("TokenCredential", credential),
        authentication_policy=policy,
        read_timeout=PATIENCE,
    ) as client:
        agent, thread = client.create_agent(model="gpt-4o"), client.threads.create()
        client.messages.create(thread.id, role="user", content="What now?")
        try:
            with client.runs.stream(
                thread.id, agent_id=agent.id, event_handler=handler, headers={"X-Mock-Fault": fault}
            ) as stream:
                stream.until_done()
        except Exception as error:  # noqa: BLE001  any exception of the SDK
            raised = type(error).__name__
    status = word(handler.runs[-1].status) if handler.runs else ""
    return Seen(raised, handler.text, status)


def _new_ids(client: OpenAI) -> Any:
    assistant = client.beta.assistants.create(model="gpt-4o")
    thread = client.beta.threads.create(messages=QUESTION)
    return {"assistant_id": assistant.id, "thread_id": thread.id}
