"""What the tests of the control API share."""

import pytest


@pytest.fixture
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a journal have room for two hundred thousand bytes."""
    monkeypatch.setattr("mockserver.verification.journal.MAX_BYTES", 200_000)
    monkeypatch.setattr("mockserver.control.journal_entry.MAX_BYTES", 200_000)
