import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import MAX_REASON, QueryError, Reject, RetryLater, one_line


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


@given(st.text(max_size=300))
def test_any_text_is_made_one_printable_line(text: str) -> None:
    made = one_line(text, 50)
    assert made.isprintable()
    assert len(made) <= 50
    assert one_line(made, 50) == made


@pytest.mark.parametrize("error", [Reject, RetryLater])
def test_what_a_stranger_says_is_fit_to_be_shown(error: type[Reject] | type[RetryLater]) -> None:
    made = error(
        "http-200\x1b[2J", "a.example said: \x1b]0;owned\x07\r\nFAKE LINE \u202e \ud800" + "x" * 100_000
    )
    assert made.kind == "http-200 [2J"
    assert made.reason.startswith("a.example said: ]0;owned FAKE LINE xxx")
    assert len(made.reason) == MAX_REASON
    assert str(made).isprintable()
