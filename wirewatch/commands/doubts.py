"""Values of options that can't be right, or may be mistyped: an error, or a warning.

What is surely wrong raises UsageError (exit code 2): a search for it would find nothing and look like an answer.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import click

from index.store import Facet, Store
from stream.suggest import did_you_mean
from wirewatch.commands.settings import Settings
from wirewatch.lists.topics import news_topics
from wirewatch.topics import feed_states, open_feed_list, open_log

_NAMES = (
    "ar arabic, bg bulgarian, bn bengali, cs czech, da danish, de german deutsch, el greek, en english, es spanish español,"
    " et estonian, fa persian farsi, fi finnish, fr french français, he hebrew, hi hindi, hr croatian, hu hungarian,"
    " id indonesian, it italian italiano, ja japanese, ko korean, ku kurdish, lt lithuanian, lv latvian,"
    " nl dutch nederlands, no norwegian, pl polish, ps pashto, pt portuguese português, ro romanian, ru russian,"
    " sk slovak, sl slovenian, so somali, sr serbian, sv swedish svenska, sw swahili, ta tamil, th thai,"
    " tr turkish türkçe, uk ukrainian, ur urdu, vi vietnamese, zh chinese"
)
_CODES = {name: entry.split()[0] for entry in _NAMES.split(",") for name in entry.split()[1:]}
"""Codes of ISO 639-1 by the names of languages."""


def check_languages(languages: Iterable[str]) -> None:
    """Raise UsageError for what is no language code; `unknown` is one, for texts whose language could not be told."""
    for given in languages:
        if not re.fullmatch(r"[a-z]{2}|unknown", given):
            code = _CODES.get(given.lower()) or _CODES.get(next(iter(_close(given)), ""), "")
            hint = f"; did you mean {code}?" if code else ""
            lower = f"; did you mean {given.lower()}?" if re.fullmatch(r"[A-Za-z]{2}", given) else ""
            raise click.UsageError(f"--lang {given}: expected a language code such as en{lower or hint}")


def _close(given: str) -> list[str]:
    return [name for name in _CODES if len(given) > 2 and name.startswith(given.lower())]


def unknown_sources(sources: Iterable[str], known: Collection[str]) -> list[str]:
    """A warning for each source that is not known; none where nothing is known of any."""
    folded = {name.casefold() for name in known}
    return [
        f"warning: no source is called {source!r}{did_you_mean(source, sorted(known))}"
        for source in sources
        if known and source.casefold() not in folded
    ]


def known_sources(settings: Settings) -> set[str]:
    """The names of the sources in the feed list: the list's own, else the feeds'."""
    config, paths = settings.config, settings.paths
    with open_feed_list(config, paths, begins=False) as listed:
        feeds = listed.load() if listed.exists() else []
    untitled = [feed for feed in feeds if not feed.title]
    names = {feed.title for feed in feeds if feed.title}
    if untitled and (config.kafka.bootstrap_servers or paths.log.exists()):
        with open_log(config, paths, begins=False) as log:
            states = feed_states(log)
        names |= {states[feed.url].title for feed in untitled if feed.url in states}
    return names - {""}


def check_filters(
    settings: Settings, store: Store, topics: Sequence[str], sources: Sequence[str], languages: Sequence[str]
) -> list[str]:
    """Raise UsageError for filters that can't match anything, neither now nor soon.

    Returns warnings of those that match nothing now.
    """
    check_languages(languages)
    if topics:
        _check("topic", topics, {topic.id for topic in news_topics(settings.paths)}, store)
    if sources:
        _check("source", sources, known_sources(settings), store)
    there = _archived(store, "language") if languages else frozenset()
    return [
        f"warning: the archive has no article in the language {one}" for one in languages if one not in there
    ]


def _archived(store: Store, field: Facet) -> frozenset[str]:
    return frozenset(store.facet(field))


def _check(
    field: Literal["topic", "source"], given: Sequence[str], listed: Collection[str], store: Store
) -> None:
    """Raise UsageError for a name that is neither in the list nor in the archive, which has old ones, too."""
    if {one.casefold() for one in given} <= {name.casefold() for name in listed}:
        return
    known = {*listed, *_archived(store, field)}
    folded = {name.casefold() for name in known}
    for one in given:
        if known and one.casefold() not in folded:
            raise click.UsageError(
                f"--{field} {one}: no {field} is called {one!r}{did_you_mean(one, sorted(known))}"
            )
