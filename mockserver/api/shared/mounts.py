"""The services that speak this API, and the prefixes under which each is served.

A service is a row: what it asks for, what it allows, and how its responses differ. Nothing else
knows which service a request is for.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from mockserver.api.shared.dialect import Dialect
from mockserver.api.shared.errors import ApiError
from mockserver.http.request import query_parameters
from mockserver.state import ids

API_VERSION = "2020-10-01"
"""The value of OpenAI's header `openai-version` [recorded]."""

AZURE_VERSION = re.compile(r"\d{4}-\d\d-\d\d(-preview)?")

FIRST_AZURE_VERSION = "2024-02-15"
"""The date of the first of Azure's versions with the Assistants API."""

FIRST_AZURE_VERSION_OF_V2 = "2024-05-01"
"""The date of the first of Azure's versions with v2 of it."""


# ── What each service takes ──────────────────────────────────────────────────────

BEFORE_V2 = Dialect(unknown=frozenset({"tool_resources"}), formats=("json_object", "text"))
"""Azure's versions before v2 [recorded for 2024-02-15-preview]."""

FOUNDRY = Dialect(
    tool_types=frozenset(
        {
            *("azure_ai_search", "azure_function", "bing_custom_search", "bing_grounding"),
            *("browser_automation", "computer_use_preview", "connected_agent", "deep_research"),
            *("fabric_dataagent", "mcp", "openapi", "sharepoint_grounding"),
        }
    ),
    resources=frozenset({"azure_ai_search"}),
    file_prefixes=("assistant",),
    of_runs=frozenset({"tool_resources"}),
    purposes=("assistants", "assistants_output", "vision"),
    upload_fields=frozenset({"filename"}),
    file_kind="foundry_file",
)
"""Azure AI Foundry, Agents (classic) [its client's own models]."""


def _azure(query: str) -> Dialect | None:
    """Return the dialect of the version that a query asks for.

    Raises:
        ApiError: there is no version, or one that Azure does not know [recorded].
    """
    version = query_parameters(query).get("api-version", "")
    if not AZURE_VERSION.fullmatch(version) or version < FIRST_AZURE_VERSION:
        raise ApiError("azure_not_found")
    return BEFORE_V2 if version < FIRST_AZURE_VERSION_OF_V2 else None


def _foundry(query: str) -> Dialect:
    """Take what Foundry takes; a missing version is let pass, since no refusal is recorded."""
    return FOUNDRY


# ── The headers of each service's responses ──────────────────────────────────────


def _set_openai_headers(headers: dict[str, str], source: bytes) -> None:
    """Set the headers that carry meaning, in their order [recorded]."""
    headers["openai-organization"] = "mockserver"
    headers["openai-processing-ms"] = str(ids.processing_ms(source))
    headers["openai-project"] = "proj_mockserver00000000000000"
    headers["openai-version"] = API_VERSION


def _set_azure_headers(headers: dict[str, str], source: bytes) -> None:
    """Set the headers of Azure's own [names recorded, values inferred]."""
    headers["apim-request-id"] = ids.uuid(source[::-1])
    headers["x-ms-region"] = "East US 2"
    headers["x-ratelimit-remaining-requests"] = "999"
    headers["x-ratelimit-remaining-tokens"] = "999999"


# ── The table ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Service:
    """One service, as clients see it.

    `has_ended` says whether the real service was shut down. `wants_beta_header` says whether it
    asks for `OpenAI-Beta`, `takes_api_key_header` whether a key may come as `api-key` too, and
    `has_deployments` whether a model's name is that of a deployment: any. `not_found` names the
    error for a path that it does not have. `dialect` returns what it takes, from a raw query; None
    are OpenAI's own fields.
    `set_headers` and `request_id` make its headers from 32 bytes of entropy.
    """

    has_ended: bool
    wants_beta_header: bool
    takes_api_key_header: bool
    has_deployments: bool
    not_found: str
    dialect: Callable[[str], Dialect | None] | None
    set_headers: Callable[[dict[str, str], bytes], None]
    request_id: Callable[[bytes], str]


OPENAI_SERVICE = Service(
    has_ended=True,
    wants_beta_header=True,
    takes_api_key_header=False,
    has_deployments=False,
    not_found="invalid_url",
    dialect=None,
    set_headers=_set_openai_headers,
    request_id=ids.request_id,
)

AZURE_SERVICE = Service(
    has_ended=True,
    wants_beta_header=False,
    takes_api_key_header=True,
    has_deployments=True,
    not_found="azure_not_found",
    dialect=_azure,
    set_headers=_set_azure_headers,
    request_id=ids.uuid,
)

AZURE_SERVICE_WITHOUT_VERSIONS = replace(AZURE_SERVICE, dialect=None)

FOUNDRY_SERVICE = replace(AZURE_SERVICE, has_ended=False, dialect=_foundry)


class Mount(NamedTuple):
    """A prefix under which a service is served; `{…}` in it stands for any one segment."""

    prefix: str
    service: Service

    def path_below(self, raw_path: str) -> str | None:
        """Return what follows the prefix in a path, with its slash, or None for another path."""
        found = _pattern(self.prefix).match(raw_path)
        return raw_path[found.end() :] if found else None


MOUNTS = (
    Mount("/v1", OPENAI_SERVICE),
    Mount("/openai/v1", AZURE_SERVICE_WITHOUT_VERSIONS),
    Mount("/openai", AZURE_SERVICE),
    Mount("/api/projects/{project}", FOUNDRY_SERVICE),
    Mount("", OPENAI_SERVICE),
)
"""The first that fits a path wins. OpenAI's SDK test suites use the root."""


@cache
def _pattern(prefix: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", prefix) + "(?=/)")
