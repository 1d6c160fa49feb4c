"""The health check: whether the server on this machine is ready, for containers and scripts."""

import sys
from http.client import HTTPConnection, HTTPException

from mockserver.messages import PREFIX, JsonLines, teller
from mockserver.settings import Settings

TIMEOUT_SECONDS = 2.0
"""How long the server may take to answer."""

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  nothing listens here


def host_to_ask(settings: Settings) -> str:
    """Return the host at which a server with these settings can be reached on this machine."""
    return _WILDCARDS.get(settings.host, settings.host)


def run(settings: Settings) -> int:
    """Send one request and return the exit status: 0 where the server is ready, otherwise 1."""
    host = host_to_ask(settings)
    connection = HTTPConnection(host, settings.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/_mock/ready")
        response = connection.getresponse()
        body = response.read().decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or "no response"
        return _complain(f"nothing answers at {host}:{settings.port}: {reason}")
    finally:
        connection.close()
    if response.status == 200:
        return 0
    return _complain(f"not ready: {' '.join(body.split())[:500]}")


def _complain(what: str) -> int:
    tell = teller(as_json=isinstance(sys.stderr, JsonLines))
    tell("error", PREFIX + what)
    return 1
