"""Asks the server that runs here whether it is ready, for containers and scripts."""

import sys
from http.client import HTTPConnection, HTTPException

from mockserver.settings import Settings

TIMEOUT_SECONDS = 2.0
"""How long the server may take to answer."""

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  nothing is bound here


def run(settings: Settings) -> int:
    """Ask once; return the exit status, 0 where the server is ready."""
    host = _WILDCARDS.get(settings.host, settings.host)
    connection = HTTPConnection(host, settings.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/_mock/ready")
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or "no answer"
        return _complain(f"nothing answers at {host}:{settings.port}: {reason}")
    finally:
        connection.close()
    return 0 if answer.status == 200 else _complain(f"not ready: {' '.join(body.split())[:500]}")


def _complain(what: str) -> int:
    print(f"mockserver: {what}", file=sys.stderr)
    return 1
