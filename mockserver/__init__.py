"""A local server that stands in for OpenAI's Assistants API.

The public names are loaded when they are first used, so that importing this
package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.client.control_client import MockServerError
    from mockserver.client.mock_server import MockServer
    from mockserver.server.app import create_app
    from mockserver.server.background import BackgroundServer
    from mockserver.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "BackgroundServer",
    "MockServer",
    "MockServerError",
    "Settings",
    "__version__",
    "create_app",
]

_HOMES = {
    "BackgroundServer": "mockserver.server.background",
    "MockServer": "mockserver.client.mock_server",
    "MockServerError": "mockserver.client.control_client",
    "Settings": "mockserver.settings",
    "create_app": "mockserver.server.app",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
