"""The client side: a handle on a server that uses only the control API."""

from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType


@cache
def _hidden_module() -> ModuleType | None:
    """Return the module `client.py` beside this folder, where there is one.

    The distribution mockserver-client has one. Where pip has put it over this package, its
    `import mockserver` needs that module, and this folder hides it.
    """
    file = Path(__file__).parent.with_suffix(".py")
    spec = spec_from_file_location("mockserver.hidden_client", file)
    if not file.is_file() or spec is None or spec.loader is None:
        return None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def __getattr__(name: str) -> object:
    hidden = None if name.startswith("__") else _hidden_module()
    if hidden is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(hidden, name)
