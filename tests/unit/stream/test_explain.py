from typing import Annotated, Literal

import msgspec
import pytest

from stream.explain import explain, unknown_field


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: float = 0.0
    count: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    names: tuple[str, ...] = ()
    kind: Literal["x", "y"] = "x"
    flag: bool = False
    short: Annotated[str, msgspec.Meta(min_length=1)] = "x"
    password: str = ""


class File(msgspec.Struct, frozen=True):
    section: Section = Section()


@pytest.mark.parametrize(
    ("section", "key", "said"),
    [
        ({"number": "soon"}, "section.number", "expected a number, found the text 'soon'"),
        ({"count": 9}, "section.count", "expected a whole number of at most 5, found 9"),
        ({"count": 1.5}, "section.count", "expected a whole number, found 1.5"),
        ({"names": "x"}, "section.names", "expected a list, found the text 'x'"),
        ({"names": ["a", 1]}, "section.names", "expected text, found 1"),
        ({"kind": "z"}, "section.kind", "expected one of 'x', 'y', found 'z'"),
        ({"flag": 1}, "section.flag", "expected true or false, found 1"),
        ({"number": True}, "section.number", "expected a number, found true"),
        ({"short": ""}, "section.short", "expected text of at least 1 character, found the text ''"),
        ({"password": 12345}, "section.password", "expected text"),
        (3, "section", "expected a table, found 3"),
    ],
)
def test_an_error_in_plain_english(section: object, key: str, said: str) -> None:
    content = {"section": section}
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(content, File)
    assert explain(str(caught.value), content, File) == (key, said)


def test_an_unknown_key() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"section": {"nmber": 1}}, File)
    assert unknown_field(str(caught.value)) == "nmber"
