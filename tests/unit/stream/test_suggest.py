import pytest

from stream.suggest import did_you_mean

KEYS = ("gap_seconds", "timeout_seconds", "user_agent")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gap_secs", "gap_seconds"),
        ("gap", "gap_seconds"),  # its beginning
        ("User-Agent", "user_agent"),
        ("TIMEOUT_SECONDS", "timeout_seconds"),
    ],
)
def test_the_closest_name_is_suggested(name: str, meant: str) -> None:
    assert did_you_mean(name, KEYS) == f"; did you mean {meant!r}?"


def test_if_none_is_close_some_are_named() -> None:
    assert did_you_mean("x", KEYS) == "; expected one of 'gap_seconds', 'timeout_seconds', 'user_agent'"
    many = [f"{letter}{letter}{letter}" for letter in "abcdefghijk"]
    assert did_you_mean("x", many).endswith("'iii', 'jjj', ...")
    assert did_you_mean("x", many[:10]).endswith("'iii', 'jjj'")
    assert did_you_mean("x", ()) == ""
