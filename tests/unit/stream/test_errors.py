import pickle

import pytest

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
