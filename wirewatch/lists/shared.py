"""A list that several machines share through a compacted topic of the log; each data folder has a copy of it to read.

Each part of the list is a message of its own, so two people who change different alerts at once lose nothing; of two who
change the same one within the same moment, the later one wins. The copy is what running stages and their workers read: they
need no broker for it, and a list stays in force while the broker is away.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import structlog
from tomlkit import TOMLDocument

from stream import files
from stream.errors import ConfigError
from stream.log.base import Log, Outgoing
from stream.messages import decode, encode
from wirewatch.lists.entries import Section, TakenIn, joined, split
from wirewatch.lists.keeper import OwnFile
from wirewatch.process.private import FILE_MODE

log_line = structlog.get_logger("wirewatch.lists.shared")

HEAD = "# What all machines share. Changes of this copy have no effect; to change the list: wirewatch {command} --help\n"


class Part(msgspec.Struct, frozen=True):
    """A part of a shared list. Durable; its key is `alert Dams`, `channels desk`, or `file ...` for one that was taken over."""

    toml: str
    """'' where it only says that a file was taken over."""
    at: int
    """Its place in the list."""
    v: int = 1


def _as_it_is(document: TOMLDocument) -> None:
    pass


class SharedList:
    """See `wirewatch.lists.keeper.Keeper`.

    Args:
        log: the log that is shared.
        topic: the name of the compacted topic.
        sections: the kinds of parts that the list has.
        copy: the file that this machine reads. Only this class writes it.
        command: what the list is changed with: `alerts` or `topics`.
        guard: takes out of a changed list what must not get into the log.
    """

    def __init__(
        self,
        log: Log,
        topic: str,
        sections: Sequence[Section],
        copy: Path,
        command: str,
        guard: Callable[[TOMLDocument], None] = _as_it_is,
    ) -> None:
        self._log = log
        self._topic = topic
        self._sections = sections
        self._copy = copy
        self._head = HEAD.format(command=command)
        self._position: Mapping[int, int] = {}
        """Of the topic, when the copy was last written."""
        self.guard = guard
        self.place = f"the topic {topic} of the log, which all machines share"
        self.folder = copy.parent

    def read(self) -> bytes | None:
        """The list as the log has it now; None if nobody has begun one."""
        held = self._held()
        return _toml(held) if held else None

    def edit(self, change: Callable[[bytes | None], bytes]) -> None:
        """Write the parts that differ, and the copy."""
        with files.locked(self._copy):
            held = self._held()
            wanted = split(change(_toml(held) if held else None), self._sections)
            self._log.produce(self._difference(held, wanted))
            self._write_copy()

    def begin(self, own: OwnFile, take_in: Callable[[bytes, str], TakenIn]) -> None:
        """Take part, and bring the copy up to date.

        Where this data folder has none yet, its own file is taken over, unless one of the same content was before, here or on
        another machine. Raises ConfigError if that file is broken.

        Args:
            own: the file that people wrote here.
            take_in: adds the parts of a file to the list, given its content and name.
        """
        data = None if self._copy.exists() else own.read()
        if data and _mark(data) not in self._held():
            found = take_in(data, own.place)
            self._log.produce([Outgoing(self._topic, _mark(data), encode(Part("", 0)))])
            log_line.info("file taken over", file=own.place, place=self.place, added=len(found.added))
            for one in found.kept:
                log_line.warning("not taken over, another of this name is there", what=one, file=own.place)
        self.refresh()

    def leaves_out(self, own: OwnFile) -> bool:
        """Whether a file that people wrote here is one that was never taken over."""
        data = own.read()
        return bool(data) and _mark(data or b"") not in self._held()

    def refresh(self) -> None:
        """Bring the copy up to date; cheap if nothing has changed."""
        position = self._log.changes(self._topic, self._position).position
        if position == self._position and self._copy.exists():
            return
        with files.locked(self._copy):
            self._write_copy()
        self._position = position

    def _held(self) -> dict[str, Part]:
        return {key: decode(value, Part) for key, value in self._log.latest(self._topic).items()}

    def _difference(self, held: Mapping[str, Part], wanted: Mapping[str, str]) -> list[Outgoing]:
        last = max((part.at for part in held.values()), default=0)
        messages = []
        for key, toml in wanted.items():
            if key in held and held[key].toml == toml:
                continue
            last += key not in held
            part = Part(toml, held[key].at if key in held else last)
            messages.append(Outgoing(self._topic, key, encode(part)))
        gone = [key for key, part in held.items() if part.toml and key not in wanted]
        return [*messages, *(Outgoing(self._topic, key, None) for key in gone)]

    def _write_copy(self) -> None:
        """Under the lock: what one process has read is never overwritten by what another has read before it."""
        held = self._held()
        if not held and not self._copy.exists():
            return
        data = self._head.encode() + _toml(held)
        try:
            if not self._copy.exists() or self._copy.read_bytes() != data:
                files.replace(self._copy, data, FILE_MODE)
        except OSError as error:
            raise ConfigError(f"{self._copy}: can't be written: {error.strerror or error}") from error


def _toml(held: Mapping[str, Part]) -> bytes:
    parts = sorted(held.items(), key=lambda item: (item[1].at, item[0]))
    return joined(part.toml for _, part in parts if part.toml)


def _mark(data: bytes) -> str:
    return f"file {hashlib.blake2b(data, digest_size=16).hexdigest()}"
