"""A container for tests in Python, with `testcontainers` (`pip install testcontainers`)."""

from typing import Any

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

from mockserver.client.mock_server import MockServer

PORT = 4010


class MockServerContainer(DockerContainer):
    """A mockserver in a container; it is ready when `start` returns.

    ```python
    with MockServerContainer("mockserver").with_env("MOCKSERVER_SEED", "7") as container:
        mock = container.client()
    ```
    """

    def __init__(self, image: str = "mockserver", **options: Any) -> None:
        """`options` are those of `DockerContainer`, such as `env` and `volumes`."""
        super().__init__(image, **options)
        self.with_exposed_ports(PORT)
        self.waiting_for(HttpWaitStrategy(PORT, "/_mock/ready"))

    @property
    def url(self) -> str:
        """The address of the server, as seen from this machine."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"

    @property
    def base_url(self) -> str:
        """The address of the API, as `OPENAI_BASE_URL` wants it."""
        return f"{self.url}/v1"

    def client(self, api_key: str | None = None) -> MockServer:
        """Return a handle on the server; without `api_key`, with a random key."""
        return MockServer(self.url, api_key)
