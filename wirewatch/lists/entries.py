"""A list that people write as TOML (alerts, topics), as its parts: each table by itself, under a name of its own."""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Table


@dataclass(frozen=True)
class Section:
    """A kind of table in a list.

    Attributes:
        table: what it is called, such as `alert` of `[[alert]]`.
        named_by: the key that holds a table's name; "" where the name stands in the heading, as in `[channels.desk]`.
    """

    table: str
    named_by: str = ""


@dataclass(frozen=True)
class TakenIn:
    """What became of the parts of a file that was taken into a list: `alert Dams`, `channel desk`.

    Attributes:
        added: were not there.
        replaced: were there with another content, and have that of the file now.
        kept: are there with another content, and stayed as they are.
        known: are there just so.
    """

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


def split(data: bytes, sections: Sequence[Section]) -> dict[str, str]:
    """The parts of a list that is known to be sound: TOML by key (`alert Dams`), in their order.

    Comments within and after a table go with it; those before the first table are lost.
    """
    document = tomlkit.parse(data.decode("utf-8-sig"))
    return {
        f"{section.table} {name}": _part(section, name, item)
        for section in sections
        for name, item in _named(document, section)
    }


def joined(parts: Iterable[str]) -> bytes:
    """A list of its parts."""
    return "\n".join(parts).encode()


def take_in(
    document: TOMLDocument, other: TOMLDocument, sections: Sequence[Section], *, replace: bool
) -> TakenIn:
    """Put the parts of another list into a document.

    Args:
        document: the list.
        other: what is put into it.
        sections: the kinds of parts there are.
        replace: whether those with other contents are replaced; else they stay as they are.
    """
    found: dict[str, list[str]] = {"added": [], "replaced": [], "kept": [], "known": []}
    for section in sections:
        there = dict(_named(document, section))
        for name, item in _named(other, section):
            called = f"{section.table.removesuffix('s')} {name}"
            if name not in there:
                _add(document, section, name, item)
                found["added"].append(called)
            elif there[name].unwrap() == item.unwrap():
                found["known"].append(called)
            elif replace:
                _overwrite(there[name], item)
                found["replaced"].append(called)
            else:
                found["kept"].append(called)
    return TakenIn(**{kind: tuple(names) for kind, names in found.items()})


def _named(document: Mapping[str, Any], section: Section) -> list[tuple[str, Any]]:
    if section.named_by:
        return [(str(table[section.named_by]), table) for table in document.get(section.table, [])]
    return [(str(name), table) for name, table in document.get(section.table, {}).items()]


def _part(section: Section, name: str, item: Any) -> str:
    """One table with its heading."""
    heading = f"[[{section.table}]]" if section.named_by else f"[{section.table}.{json.dumps(name)}]"
    written = f"{heading}\n{item.as_string().strip()}\n" if isinstance(item, Table) else ""
    plain = f"{heading}\n{tomlkit.dumps(item.unwrap()).strip()}\n"
    return written if written and _read(written) == _read(plain) else plain


def _read(part: str) -> Any:
    try:
        return tomllib.loads(part)
    except tomllib.TOMLDecodeError:
        return None


def _add(document: TOMLDocument, section: Section, name: str, item: Any) -> None:
    table = tomlkit.table()
    table.update(item)
    if section.named_by:
        document.setdefault(section.table, tomlkit.aot()).append(table)
    else:
        document.setdefault(section.table, tomlkit.table(is_super_table=True))[name] = table


def _overwrite(table: Any, item: Any) -> None:
    for key in [key for key in table if key not in item]:
        del table[key]
    table.update(item)
