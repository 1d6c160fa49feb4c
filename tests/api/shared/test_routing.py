"""The operation of a path, under each of the mounts."""

import pytest

from mockserver.api import OPERATIONS
from mockserver.api.shared.mounts import MOUNTS, Mount
from mockserver.api.shared.routing import Router

ROUTER = Router(OPERATIONS)
EACH_MOUNT = pytest.mark.parametrize("mount", MOUNTS, ids=lambda mount: mount.prefix or "root")


def find(method: str, path: str) -> str | None:
    operation = ROUTER.find(method, path).operation
    return operation.operation_id if operation else None


@pytest.mark.parametrize(
    ("method", "path", "operation_id"),
    [
        ("POST", "/assistants", "createAssistant"),
        ("GET", "/assistants", "listAssistants"),
        ("GET", "/assistants/asst_1", "getAssistant"),
        ("POST", "/assistants/asst_1", "modifyAssistant"),
        ("DELETE", "/assistants/asst_1", "deleteAssistant"),
        ("GET", "/models", "listModels"),
        ("GET", "/models/gpt-4o", "retrieveModel"),
    ],
)
@EACH_MOUNT
def test_every_operation_answers_under_every_mount(
    mount: Mount, method: str, path: str, operation_id: str
) -> None:
    route = ROUTER.find(method, mount.prefix + path)

    assert route.operation is not None
    assert route.operation.operation_id == operation_id
    assert (route.mount, route.signature) == (mount, f"{method} {path}".encode())


def test_every_operation_has_a_unique_name_and_path() -> None:
    assert len({operation.operation_id for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.method, operation.segments) for operation in OPERATIONS}) == len(
        OPERATIONS
    )


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/",
        "/v2/assistants",
        "/v1/v1/assistants",
        "/v1/assistants/",
        "/v1//assistants",
        "//v1/assistants",
        "/v1/Assistants",
        "/v1/assistants/asst_1/nothing",
        "/v1/assistants%2Fasst_1",
        "*",
    ],
)
def test_other_paths_have_no_operation(path: str) -> None:
    route = ROUTER.find("GET", path)

    assert (route.operation, route.allowed) == (None, ())


def test_the_ids_of_a_path_are_returned_by_name() -> None:
    assert ROUTER.find("GET", "/v1/assistants/asst_1").path_ids == {"assistant_id": "asst_1"}


def test_an_id_is_decoded_and_an_encoded_slash_is_a_part_of_it() -> None:
    route = ROUTER.find("GET", "/v1/models/org%2Fmodel%20x")

    assert route.path_ids == {"model": "org/model x"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/assistants", {"GET", "POST"}),
        ("PATCH", "/v1/assistants/asst_1", {"GET", "POST", "DELETE"}),
        ("post", "/v1/models", {"GET"}),
        ("HEAD", "/v1/models", {"GET"}),
    ],
)
def test_a_wrong_method_is_refused_with_the_allowed_ones(
    method: str, path: str, allowed: set[str]
) -> None:
    assert find(method, path) is None
    assert set(ROUTER.find(method, path).allowed) == allowed


@pytest.mark.parametrize(
    "path",
    [
        "/v1/assistants/asst_1/files",
        "/v1/assistants/asst_1/files/file-1",
        "/v1/threads/thread_1/messages/msg_1/files",
        "/v1/threads/thread_1/messages/msg_1/files/file-1",
    ],
)
def test_a_path_of_the_first_version_is_recognised(path: str) -> None:
    assert ROUTER.find("GET", path).is_v1_only


@pytest.mark.parametrize("path", ["/v1/assistants", "/v1/assistants/a/files/b/c", "/v1/files"])
def test_other_paths_are_not_of_the_first_version(path: str) -> None:
    assert not ROUTER.find("GET", path).is_v1_only


@pytest.mark.parametrize("path", ["/assistants", "/assistants/x/y/z", "/threads", "/threads/runs"])
@EACH_MOUNT
def test_paths_that_the_service_shut_down_are_recognised(mount: Mount, path: str) -> None:
    is_alive = mount.prefix.startswith("/api/projects")  # Foundry's

    assert ROUTER.find("GET", mount.prefix + path).is_assistants_api is not is_alive


@pytest.mark.parametrize("path", ["/models", "/models/assistants", "/assistant", "/"])
@EACH_MOUNT
def test_paths_that_the_service_still_has_are_recognised(mount: Mount, path: str) -> None:
    assert not ROUTER.find("GET", mount.prefix + path).is_assistants_api
