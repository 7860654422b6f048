"""Matches many named queries against one article at a time: the live side of topics and alerts.

The keys that an article has are looked up once (keys.py). Each query is turned into conjunctions of keys (conjunctions.py), and
each of these is filed under its rarest key, so only those whose rarest key is in the article are tested: new ones in dicts
(fresh.py), most in arrays (compiled.py). `query.match.matches` decides what look-ups can't, and the monitor always agrees with
it: it is a faster way to the same answer.

New queries are merged into the compiled ones in a thread, while both continue to be matched. If a merge fails, matching
continues with both as they were, and another merge is tried after some hundred articles.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import NamedTuple

import msgspec
import numpy as np
import structlog

from query.match import Prepared, matches
from query.monitor.compiled import Compiled, Flags
from query.monitor.conjunctions import Conjunction, conjunctions
from query.monitor.fresh import EXACT, Filed, Fresh
from query.monitor.keys import Keys, Numbers, Rates
from query.tree import Node
from stream.errors import ConfigError

log_line = structlog.get_logger("query.monitor.monitor")

MAX_UNKEYED = 1_000
"""The most queries that have to be tested against every article, because none of their words is required."""

_FEWEST_COMPILED = 512
_MERGED_AT = 8  # they are compiled anew once this share of them has been added or removed
_FIRST_LEARNED = 64
_LEARNED_AGAIN = 4  # and once this many times as many articles were seen: the rates are more precise then
_AFTER_FAILURE = 256  # articles to wait before a failed merge is tried again


class _Query(msgspec.Struct, frozen=True, gc=False):
    """A query that is held.

    Attributes:
        residues: what else must match once the conditions of a conjunction that names it are met.
    """

    name: str
    tree: Node
    residues: tuple[tuple[Node, ...], ...]


class _Merge(NamedTuple):
    """A running merge: the queries that it compiles, and the slots that are free once it is done."""

    built: Future[tuple[Compiled, Flags]]
    gone: list[int]


class Monitor:
    """A set of named queries, which may change at any time. Any number of threads may use it.

    Args:
        max_unkeyed: the most queries that have to be tested against every article.
    """

    def __init__(self, max_unkeyed: int = MAX_UNKEYED) -> None:
        self._max_unkeyed = max_unkeyed
        self._lock = threading.Lock()
        self._slots: dict[str, int] = {}
        self._queries: list[_Query | None] = []
        self._held = bytearray()  # whether each slot's query is held
        self._free: list[int] = []
        self._gone: list[int] = []
        self._unkeyed: set[int] = set()
        self._keys = Keys()
        self._fresh = [Fresh()]
        self._compiled = Compiled.empty()
        self._merge: _Merge | None = None
        self._next_learning = _FIRST_LEARNED
        self._failures = 0  # merges that failed since the last success
        self._not_before = 0  # how many articles were seen

    def __len__(self) -> int:
        """How many queries are held."""
        return len(self._slots)

    def __contains__(self, name: str) -> bool:
        """Whether a query of this name is held."""
        return name in self._slots

    @property
    def unkeyed(self) -> int:
        """How many of the queries are tested against every article, because they require no word (`NOT syria`, `*ism`)."""
        return len(self._unkeyed)

    def add(self, name: str, tree: Node) -> None:
        """Add a query, replacing any with the same name.

        Raises ConfigError if it would have to be tested against every article, and there are too many such queries already.
        """
        with self._lock:
            self._finish_merge()
            ways = conjunctions(tree, self._keys.rate)
            unkeyed = any(not _has_key(way) for way in ways)
            if unkeyed and self._unkeyed_without(name) >= self._max_unkeyed:
                raise ConfigError(
                    f"query {name!r}: no word of it must be there, so every article has to be tested for it; expected"
                    f" at most {self._max_unkeyed:,} such queries: add a word that each article must have"
                )
            if name in self._slots:
                self._drop(name)
            residues = () if unkeyed else tuple({way.residue: None for way in ways if way.residue})
            slot = self._take_slot(_Query(name, tree, tuple(map(tuple, residues))))
            if unkeyed:
                self._unkeyed.add(slot)
            else:
                self._file(slot, residues, ways)
            self._start_merge_if_due()

    def remove(self, name: str) -> None:
        """Remove a query; raises KeyError if there is none of that name."""
        with self._lock:
            self._finish_merge()
            self._drop(name)
            self._start_merge_if_due()

    def match(self, prepared: Prepared) -> set[str]:
        """The names of the queries that an article matches, as `query.match.matches` defines it."""
        with self._lock:
            self._finish_merge()
            found = self._keys.found_in(prepared)
            numbers = np.fromiter(found, np.int32, len(found))
            self._keys.learn(numbers)
            names = set(self._met_by(found, numbers, prepared))
            self._start_merge_if_due()
            return names

    def settle(self) -> None:
        """Wait until the current merge is done."""
        with self._lock:
            if self._merge:
                wait([self._merge.built])
                self._finish_merge()

    def _unkeyed_without(self, name: str) -> int:
        """How many queries are unkeyed, not counting the one of this name."""
        return len(self._unkeyed) - (self._slots.get(name) in self._unkeyed)

    def _take_slot(self, query: _Query) -> int:
        if self._free:
            slot = self._free.pop()
            self._queries[slot] = query
            self._held[slot] = True
        else:
            slot = len(self._queries)
            self._queries.append(query)
            self._held.append(True)
        self._slots[query.name] = slot
        return slot

    def _drop(self, name: str) -> None:
        slot = self._slots.pop(name)
        self._queries[slot] = None
        self._held[slot] = False
        self._unkeyed.discard(slot)
        self._gone.append(slot)  # reused once nothing is filed under it any more

    def _file(self, slot: int, residues: Sequence[frozenset[Node]], ways: Iterable[Conjunction]) -> None:
        for way in ways:
            numbers = {self._keys.number(condition.key): condition for condition in way.conditions}
            there = [number for number, condition in numbers.items() if condition.there]
            absent = [number for number, condition in numbers.items() if not condition.there]
            there.sort(key=lambda number: self._keys.rate(numbers[number].key))
            residue = residues.index(way.residue) if way.residue else EXACT
            self._fresh[-1].add(Filed(tuple(there), tuple(absent), slot, residue))

    def _met_by(self, found: set[int], numbers: Numbers, prepared: Prepared) -> Iterator[str]:
        """The names of the queries that match, possibly with repeats."""
        for part in (self._compiled.met_by(numbers), *(fresh.met_by(found) for fresh in self._fresh)):
            for slot, residue in zip(*part, strict=True):
                query = self._queries[slot]
                if query and (residue == EXACT or _all_match(query.residues[residue], prepared)):
                    yield query.name
        for slot in self._unkeyed:
            query = self._queries[slot]
            if query and matches(query.tree, prepared):
                yield query.name

    def _start_merge_if_due(self) -> None:
        if self._merge or self._keys.seen < self._not_before or not self._is_due():
            return
        while self._next_learning <= self._keys.seen:
            self._next_learning *= _LEARNED_AGAIN
        held = np.frombuffer(bytes(self._held), np.bool_)
        builder = ThreadPoolExecutor(1, thread_name_prefix="monitor")
        built = builder.submit(_merged, self._compiled, self._fresh[-1], held, self._keys.rates())
        builder.shutdown(wait=False)  # its thread ends with the merge
        self._merge = _Merge(built, self._gone)
        self._gone = []
        self._fresh.append(Fresh())

    def _is_due(self) -> bool:
        changed = len(self._fresh[-1]) + len(self._gone)
        if changed > max(_FEWEST_COMPILED, len(self._compiled) // _MERGED_AT):
            return True
        return len(self._compiled) > 0 and self._keys.seen >= self._next_learning

    def _finish_merge(self) -> None:
        """Take the newly compiled queries if they are ready."""
        if self._merge is None or not self._merge.built.done():
            return
        merge, self._merge = self._merge, None
        if error := merge.built.exception():
            self._give_up(merge, error)
            return
        self._compiled, used = merge.built.result()
        del self._fresh[0]
        self._free += merge.gone
        self._failures = 0
        self._forget_keys(used)

    def _give_up(self, merge: _Merge, error: BaseException) -> None:
        """Give up a failed merge: continue with the previous state and what was added since."""
        if not self._failures:
            log_line.error("queries could not be compiled; matching continues without", exc_info=error)
        self._failures += 1
        self._not_before = self._keys.seen + _AFTER_FAILURE
        self._gone = merge.gone + self._gone
        before, since = self._fresh
        for filed in since:
            before.add(filed)
        self._fresh = [before]

    def _forget_keys(self, used_by_compiled: Flags) -> None:
        """Drop the keys that no query uses, once there are many."""
        used = np.zeros(self._keys.end, np.bool_)
        used[: len(used_by_compiled)] = used_by_compiled
        for fresh in self._fresh:
            used[[number for filed in fresh for number in (*filed.there, *filed.absent)]] = True
        if np.count_nonzero(used) < len(self._keys) * 3 // 4:
            self._keys.forget(np.flatnonzero(~used).tolist())


def _has_key(way: Conjunction) -> bool:
    return any(condition.there for condition in way.conditions)


def _all_match(nodes: Iterable[Node], prepared: Prepared) -> bool:
    return all(matches(node, prepared) for node in nodes)


def _merged(compiled: Compiled, fresh: Fresh, held: Flags, rates: Rates) -> tuple[Compiled, Flags]:
    """The compiled queries with more merged in, and the keys that they use."""
    merged = compiled.merged(fresh, held, rates)
    return merged, merged.used(len(rates))
