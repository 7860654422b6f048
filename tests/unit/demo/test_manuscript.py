import pytest

from demo.manuscript import Block, parse_manuscript
from stream.errors import ConfigError


def test_front_matter_and_blocks_are_distinguished() -> None:
    text = "+++\ntitle = 'A'\n+++\nFirst line\nand more.\n\n## Head\n\n> Said.\n"

    manuscript = parse_manuscript(text, "a.md")

    assert manuscript.head == {"title": "A"}
    assert manuscript.blocks == (
        Block("paragraph", "First line and more."),
        Block("heading", "Head"),
        Block("quote", "Said."),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no front matter", "between two lines"),
        ("+++\ntitle = 'A'\nno end", "between two lines"),
        ("words first\n+++\na = 1\n+++\ntext", "between two lines"),
        ("+++\ntitle = \n+++\ntext", "Invalid value"),
        ("+++\ntitle = 'A'\n+++\n\n\n", "expected text"),
    ],
)
def test_a_faulty_file_is_refused_by_name(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=f"^a.md: .*{reason}"):
        parse_manuscript(text, "a.md")
