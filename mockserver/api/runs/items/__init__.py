"""The items of scripts. A new one is a module in this folder, and a row in `ITEMS`."""

from typing import Any

from mockserver.api.runs.items.call import CALL
from mockserver.api.runs.items.code import CODE
from mockserver.api.runs.items.endings import CANCEL, EXPIRE, FAIL, INCOMPLETE
from mockserver.api.runs.items.fault import FAULT
from mockserver.api.runs.items.item import ScriptItem
from mockserver.api.runs.items.say import REFUSE, SAY
from mockserver.api.runs.items.search import SEARCH
from mockserver.api.runs.items.wait import WAIT

ITEMS: dict[str, ScriptItem] = {
    item.name: item
    for item in (
        *(SAY, CALL, SEARCH, CODE, REFUSE, WAIT, FAULT),
        *(FAIL, INCOMPLETE, EXPIRE, CANCEL),
    )
}
"""Every item by name, in the order that people read of them."""


def as_json() -> list[dict[str, Any]]:
    """Return every item: its name, what it does, an example, its options, whether it is an end."""
    return [
        {
            "name": item.name,
            "what": item.what,
            "example": item.example,
            "options": [
                {"name": name, "what": field.description}
                for name, field in item.stored.model_fields.items()
                if field.description
            ],
            "ends": item.ends,
        }
        for item in ITEMS.values()
    ]
