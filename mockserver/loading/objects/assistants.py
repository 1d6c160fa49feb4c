"""Assistants in fixtures: as `createAssistant` would make them."""

from mockserver.api.assistants import CreateAssistant, create_assistant
from mockserver.loading.objects.kind import Naming, ObjectKind

KIND = ObjectKind(
    name="assistants",
    naming=Naming("an assistant", "asst"),
    model=CreateAssistant,
    create=lambda call, *_: create_assistant(call),
)
