"""The report as a test inspects it: its parts, its text, and the assertions on it."""

import pytest

from mockserver import MockServer
from tests.client.conftest import create
from tests.support import Api


def lose_a_response(mock: MockServer, mine: Api) -> None:
    mock.fault("connection_reset", on="createAssistant", times=1, inject="after")
    with pytest.raises(ConnectionError):
        create(mine)
    create(mine)


def test_without_faults_a_client_is_resilient(mock: MockServer, mine: Api) -> None:
    create(mine)

    mock.assert_resilient()
    mock.assert_no_duplicates()
    assert mock.report().problems == []
    assert str(mock.report()) == "0 faults in 0 requests\n0 problems"


def test_the_parts_of_a_report_are_attributes_and_keys(mock: MockServer, mine: Api) -> None:
    mock.fault("overloaded", times=1)
    create(mine)
    report = mock.report()

    assert report.problems == report["problems"]
    assert [one["code"] for one in report.problems] == ["never_retried"]
    assert report.verdict == ["never retried: createAssistant after overloaded"]
    assert report.faults["overloaded"]["never_retried"] == 1
    assert report.requests[0]["outcome"] == "never retried"


def test_a_duplicate_fails_both_assertions(mock: MockServer, mine: Api) -> None:
    lose_a_response(mock, mine)
    [first, second] = mock.report().requests[0]["created"]
    expected = [
        "the client did wrong after a fault:",
        f"created_twice: createAssistant created {first}, {second}, after connection_reset "
        "(likely)",
        "    look up what exists before you create again after a lost response",
    ]

    for check in (mock.assert_resilient, mock.assert_no_duplicates):
        with pytest.raises(AssertionError) as raised:
            check()
        assert str(raised.value).splitlines() == expected


def test_other_problems_fail_only_the_one_about_all(mock: MockServer, mine: Api) -> None:
    mock.fault("overloaded", times=1)
    create(mine)

    mock.assert_no_duplicates()
    with pytest.raises(AssertionError, match="never_retried: createAssistant after overloaded\n"):
        mock.assert_resilient()


def test_the_text_counts_the_outcomes(mock: MockServer, mine: Api) -> None:
    mock.fault("overloaded", times=1)
    create(mine)
    mock.fault("invalid_api_key", times=1)
    create(mine, name="Ada")

    assert str(mock.report()).splitlines() == [
        "2 faults in 2 requests: 1 never retried, 1 not retried",
        "1 problem",
        "never_retried: createAssistant after overloaded",
        "    retry it after a wait; where its work may be done, look up first",
    ]
