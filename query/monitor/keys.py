"""The keys used by any query: their numbers, how rare they are, and which of them an article has."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from query.match import Prepared
from query.monitor.conjunctions import PATTERN_START, Key
from query.tree import VALUE_FIELDS, Field
from query.wildcards import compiled

Numbers = npt.NDArray[np.int32]
Rates = npt.NDArray[np.float32]

_MAX_REMEMBERED = 50_000  # terms of articles whose matching prefixes and suffixes are cached
_PRIOR_ARTICLES = 20.0  # the guess at how rare a key is weighs as much as this many articles


class Keys:
    """The keys in use, numbered from 1; the numbers of dropped keys are reused."""

    def __init__(self) -> None:
        self._scopes: dict[Field | None, _Scope] = {}
        self._keys: list[Key | None] = [None]
        self._free: list[int] = []
        self._seen = 0
        self._counts: Rates = np.zeros(1024, np.float32)
        self._born: Rates = np.zeros(1024, np.float32)
        self._priors: Rates = np.zeros(1024, np.float32)

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self._keys) - 1 - len(self._free)

    @property
    def end(self) -> int:
        """One more than the highest number."""
        return len(self._keys)

    @property
    def seen(self) -> int:
        """How many articles the rates were learned from."""
        return self._seen

    def number(self, key: Key) -> int:
        """The number of a key; a new one if it has none."""
        scope = self._scope(key.field)
        number = scope.numbers(key).get(key.value)
        if number is None:
            number = self._add(key)
            scope.put(key, number)
        return number

    def rate(self, key: Key) -> float:
        """The share of articles that have a key; for a new key, a guess."""
        number = self._scope(key.field).numbers(key).get(key.value)
        return _prior(key) if number is None else self._rates(slice(number, number + 1)).item()

    def rates(self) -> Rates:
        """The rate of each number; a copy."""
        return self._rates(slice(0, len(self._keys)))

    def found_in(self, prepared: Prepared) -> set[int]:
        """The numbers of the keys that an article has."""
        found: set[int | None] = set()
        for field, scope in self._scopes.items():
            found.update(*scope.looked_up(_stretches(field, prepared)))
        found.discard(None)
        return found  # type: ignore[return-value]

    def learn(self, found: Numbers) -> None:
        """Count an article that has these keys."""
        self._seen += 1
        self._counts[found] += 1

    def forget(self, unused: Iterable[int]) -> None:
        """Drop keys that no query uses any more."""
        for number in unused:
            key = self._keys[number]
            if key is not None:
                self._scope(key.field).drop(key)
                self._keys[number] = None
                self._free.append(number)

    def _scope(self, field: Field | None) -> "_Scope":
        scope = self._scopes.get(field)
        if scope is None:
            scope = self._scopes[field] = _Scope()
        return scope

    def _add(self, key: Key) -> int:
        if self._free:
            number = self._free.pop()
            self._keys[number] = key
        else:
            number = len(self._keys)
            self._keys.append(key)
            if number == len(self._counts):
                self._grow()
        self._counts[number] = 0
        self._born[number] = self._seen
        self._priors[number] = _prior(key)
        return number

    def _grow(self) -> None:
        more = np.zeros(len(self._counts), np.float32)
        self._counts, self._born, self._priors = (
            np.concatenate((old, more)) for old in (self._counts, self._born, self._priors)
        )

    def _rates(self, which: slice) -> Rates:
        seen = self._seen - self._born[which]
        rates: Rates = (self._counts[which] + self._priors[which] * _PRIOR_ARTICLES) / (
            seen + _PRIOR_ARTICLES
        )
        return rates


class _Scope:
    """The keys of one field."""

    def __init__(self) -> None:
        self._words: dict[object, int] = {}
        self._pairs: dict[object, int] = {}
        self._prefixes: dict[int, dict[object, int]] = {}
        self._suffixes: dict[int, dict[object, int]] = {}
        self._patterns: dict[str, dict[object, int]] = {}
        self._forms = _Forms(self._prefixes, self._suffixes, self._patterns)

    def numbers(self, key: Key) -> dict[object, int]:
        """The numbers of the keys like this one."""
        match key.kind:
            case "word":
                return self._words
            case "pair":
                return self._pairs
            case "prefix":
                return self._prefixes.setdefault(len(key.value), {})
            case "suffix":
                return self._suffixes.setdefault(len(key.value), {})
            case "pattern":
                return self._patterns.setdefault(str(key.value)[:PATTERN_START], {})

    def put(self, key: Key, number: int) -> None:
        """Give a key a number."""
        self.numbers(key)[key.value] = number
        self._forget_forms(key)

    def drop(self, key: Key) -> None:
        """Take a key's number away."""
        del self.numbers(key)[key.value]
        self._forget_forms(key)

    def _forget_forms(self, key: Key) -> None:
        if key.kind in ("prefix", "suffix", "pattern"):
            self._forms.clear()

    def looked_up(self, stretches: Sequence[Sequence[str]]) -> Iterator[Iterable[int | None]]:
        """The numbers of the keys that passages of terms have; None for a term that is no key."""
        terms = set(chain.from_iterable(stretches))
        if self._words:
            yield map(self._words.get, terms)
        if self._prefixes or self._suffixes or self._patterns:
            yield chain.from_iterable(map(self._forms.__getitem__, terms))
        if self._pairs:
            for stretch in stretches:
                yield map(self._pairs.get, pairwise(stretch))


class _Forms(dict[str, tuple[int, ...]]):
    """For terms seen before, the numbers of the prefixes, suffixes and patterns among the keys that they match."""

    def __init__(
        self,
        prefixes: Mapping[int, Mapping[object, int]],
        suffixes: Mapping[int, Mapping[object, int]],
        patterns: Mapping[str, Mapping[object, int]],
    ) -> None:
        super().__init__()
        self._prefixes = prefixes
        self._suffixes = suffixes
        self._patterns = patterns

    def __missing__(self, term: str) -> tuple[int, ...]:
        prefixes = (numbers.get(term[:length]) for length, numbers in self._prefixes.items())
        suffixes = (numbers.get(term[-length:]) for length, numbers in self._suffixes.items())
        patterns = (
            number
            for pattern, number in self._patterns.get(term[:PATTERN_START], {}).items()
            if compiled(str(pattern)).fullmatch(term)
        )
        found = tuple(number for number in chain(prefixes, suffixes, patterns) if number is not None)
        if len(self) >= _MAX_REMEMBERED:
            self.clear()
        self[term] = found
        return found


def _stretches(field: Field | None, prepared: Prepared) -> Sequence[Sequence[str]]:
    """What to search for a leaf with this field: the terms of each passage or, in a value field, the values."""
    if field is None:
        return [words.terms for name in ("title", "text") for words in prepared.words[name]]
    if field in VALUE_FIELDS:
        return [tuple(prepared.values[field])]
    return [words.terms for words in prepared.words[field]]


def _prior(key: Key) -> float:
    """A guess at how rare a key is: the longer, the rarer."""
    if key.kind == "pair":
        return 0.002
    length = max(1, len(key.value))
    return 1 / length**2 if key.kind == "word" else 1 / length
