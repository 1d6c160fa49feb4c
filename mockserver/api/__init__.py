"""OpenAI's side: every operation, a module a resource.

An endpoint is one more module here and one more line in `OPERATIONS`.
"""

from mockserver.api import assistants, models

API_VERSION = "2020-10-01"
"""What the header `openai-version` of every answer says [recorded]."""

OPERATIONS = (
    *assistants.OPERATIONS,
    *models.OPERATIONS,
)
