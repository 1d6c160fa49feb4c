"""OpenAI's side: every operation, a module a resource.

An endpoint is one more module here and one more line in `OPERATIONS`.
"""

from mockserver.api import assistants, models

OPERATIONS = (
    *assistants.OPERATIONS,
    *models.OPERATIONS,
)
