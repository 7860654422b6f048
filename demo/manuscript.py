"""The format of an article's file: TOML between two lines of `+++`, then the text.

Blank lines separate the blocks of the text. A block that starts with `## ` is a subheading, one that starts
with `> ` is a quotation set apart, any other is a paragraph. There is no other markup.
"""

import tomllib
from typing import Any, Literal

import msgspec

from stream.errors import ConfigError

_FENCE = "+++"


class Block(msgspec.Struct, frozen=True):
    """One paragraph of an article, or another block."""

    kind: Literal["paragraph", "heading", "quote"]
    text: str


class Manuscript(msgspec.Struct, frozen=True):
    """A file of the world: its unchecked TOML and its text."""

    head: dict[str, Any]
    blocks: tuple[Block, ...]


def parse_manuscript(text: str, name: str) -> Manuscript:
    """Read one file.

    Args:
        text: the content of the file.
        name: the file's name in an error.

    Raises:
        ConfigError: there is no TOML between `+++` lines, it has a fault, or no text follows.
    """
    before, _, rest = text.partition(f"{_FENCE}\n")
    front, fence, body = rest.partition(f"\n{_FENCE}\n")
    if before.strip() or not fence:
        raise ConfigError(f"{name}: expected TOML between two lines of {_FENCE} at the start")
    try:
        head = tomllib.loads(front)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: {error}") from error
    blocks = tuple(_block(part) for part in body.split("\n\n") if part.strip())
    if not blocks:
        raise ConfigError(f"{name}: expected text after the second line of {_FENCE}")
    return Manuscript(head, blocks)


def _block(part: str) -> Block:
    """One block; line breaks within it are for the editor's convenience only."""
    text = " ".join(part.split())
    if text.startswith("## "):
        return Block("heading", text.removeprefix("## "))
    if text.startswith("> "):
        return Block("quote", text.removeprefix("> "))
    return Block("paragraph", text)
