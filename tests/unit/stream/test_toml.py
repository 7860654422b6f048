import pytest

from stream.errors import ConfigError
from stream.toml import MAX_BYTES, MAX_PARTS, read_toml


def test_a_file_is_read() -> None:
    assert read_toml(b"a.b.c = 'd.e.f'\n[x]\ny = 1", "my.toml") == {"a": {"b": {"c": "d.e.f"}}, "x": {"y": 1}}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a = ", "not valid TOML"),
        (b"a = '\xff'", "expected UTF-8, found byte 0xff at 5"),
        (b"#" * (MAX_BYTES + 1), "at most 25,000,000"),
        (b"\n" + b"a." * 25_000 + b"b = 1", f"line 2: expected keys of at most {MAX_PARTS} parts"),
        (b"[" + b"'a' . " * 25_000 + b"b]", "line 1: expected keys"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"{a = " * 30_000, "nested too deeply"),
        (b"a = " + b"1" * 100_000, "not valid TOML: Exceeds the limit"),
        (b"\n\na = " + b"1" * 1_000_000, "line 3: expected lines of at most 200,000 characters"),
    ],
)
def test_what_is_wrong_is_named(data: bytes, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_toml(data, "my.toml")
    assert str(caught.value).startswith("my.toml")
    assert told in str(caught.value)
