import pickle

import pytest

from stream.display import LONGEST_LINE
from stream.errors import QueryError, Reject, RetryLater


@pytest.mark.parametrize(
    "error", [Reject("a", "b"), RetryLater("a", "b", 3.0), QueryError("why", "a AND", 5)]
)
def test_errors_come_back_from_a_worker_as_they_were(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_a_query_error_points_at_the_fault() -> None:
    assert str(QueryError("a bracket is missing", "(a OR b", 0)) == "a bracket is missing\n  (a OR b\n  ^"


@pytest.mark.parametrize("error", [Reject, RetryLater])
def test_strangers_text_in_errors_is_safe_to_show(error: type[Reject] | type[RetryLater]) -> None:
    made = error(
        "http-200\x1b[2J", "a.example said: \x1b]0;owned\x07\r\nFAKE LINE \u202e \ud800" + "x" * 100_000
    )
    assert made.kind == "http-200\ufffd[2J"
    assert made.reason.startswith("a.example said: \ufffd]0;owned\ufffd FAKE LINE \ufffd \ufffdxxx")
    assert len(made.reason) == LONGEST_LINE
    assert str(made).isprintable()
