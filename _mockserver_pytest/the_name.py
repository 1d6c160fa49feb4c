"""Whether `import mockserver` finds this project's package: others have the same name."""

import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

HOME = Path(__file__).parent.parent / "mockserver"
"""Where the package of this plugin is."""

NAMESAKE = "mockserver-client"
"""The client of another server; it installs a package of the same name."""

APART = "install the two in environments of their own"


def problem() -> str | None:
    """Return a sentence that names both packages and the remedy; None where ours is found.

    Nothing else of that name is imported: what a project's own module does then is its affair.
    """
    found, namesake = _found(), _of_namesake()
    if found == HOME.resolve():
        if found != namesake:
            return None
        return (
            f"{NAMESAKE} and the package mockserver of these fixtures are installed over each "
            f"other in {HOME}: {APART}"
        )
    what, remedy = f"{found or 'a module without a file'}", "rename that module"
    if found is not None and found == namesake:
        what, remedy = f"that of {NAMESAKE} in {found}", APART
    return (
        f"`import mockserver` finds {what}, but these fixtures need the package mockserver in "
        f"{HOME}: {remedy}"
    )


def _found() -> Path | None:
    """Return the folder of the package, or the file of the module, that an import would give."""
    module = sys.modules.get("mockserver")
    if module is not None:
        origin = getattr(module, "__file__", None)
    else:
        spec = find_spec("mockserver")
        origin = spec.origin if spec is not None else None
    if origin is None:
        return None
    file = Path(origin).resolve()
    return file.parent if file.name == "__init__.py" else file


def _of_namesake() -> Path | None:
    """Return the folder that mockserver-client has put its package in, where it is installed."""
    try:
        return Path(str(distribution(NAMESAKE).locate_file("mockserver"))).resolve()
    except PackageNotFoundError:
        return None
