"""All examinations in one go, each by itself: one that fails because of a bug says so, and the others go on."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from index.elasticsearch.health import ask
from ingest.sources.feed import Feed
from results.doctor import Diagnosis, Remark
from stream.clock import utc_now
from stream.display import one_line
from stream.errors import WirewatchError
from stream.log.base import LogError
from wirewatch.composition.doctor import data, extras, lists, machine, network, servers
from wirewatch.composition.presence import processes
from wirewatch.config import Config, Paths
from wirewatch.lists.feeds import FeedFile, bundled
from wirewatch.topics import feed_list, open_log

_ORDER = ("error", "warning", "note", "ok")


def examine(config: Config, paths: Paths, feeds_asked: int) -> Diagnosis:
    """Examine everything.

    Args:
        config: the configuration.
        paths: where things are.
        feeds_asked: how many feeds are asked; 0: none.
    """
    running = processes(paths.data)
    found: list[Remark] = []
    dates: dict[str, str] = {}
    found += _safely("machine", lambda: machine.judge(machine.facts_of(paths.data), config))
    if (
        config.kafka.bootstrap_servers
    ):  # before anything else opens the log, which makes topics that are missing
        found += _safely("Kafka", lambda: servers.judge_kafka(config))
    found += _safely("data", lambda: data.judge_data(config, paths, utc_now()))
    found += _safely("ports", lambda: data.judge_ports(config, running))
    found += _safely("lists", lambda: lists.judge_lists(config, paths))
    found += _safely("alerts", partial(_alerts, config, paths))
    found += _safely("extras", lambda: extras.judge_extras(config, paths, lists.connects))
    if config.elasticsearch.hosts:
        found += _safely("Elasticsearch", partial(_elasticsearch, config, dates))
    found += _safely("proxies", lambda: network.judge_proxies(config, lists.connects))
    found += _safely("feeds", partial(_feeds, config, paths, feeds_asked, dates))
    found += _safely("clock", lambda: machine.judge_skew(servers.offsets(dates, utc_now())))
    if not config.fetch.contact:
        advice = "Set it to a URL or mail address: sites that want something of you can write, instead of blocking you."
        found.append(
            Remark("note", "configuration", "The User-Agent names no contact", "fetch.contact", advice)
        )
    return diagnosis(found)


def diagnosis(found: Sequence[Remark]) -> Diagnosis:
    """The remarks in order, counted."""
    ordered = sorted(found, key=lambda one: _ORDER.index(one.severity))
    errors, warnings = (sum(one.severity == which for one in found) for which in ("error", "warning"))
    return Diagnosis(errors, warnings, tuple(ordered))


def _safely(what: str, judge: Callable[[], Iterable[Remark]]) -> list[Remark]:
    found: list[Remark] = []
    try:
        found.extend(judge())
    except PermissionError as error:
        closed = f"{what} could not be examined: this user may not read all of it"
        found.append(Remark("error", "machine", closed, str(error.filename or ""), data.FOR_OWNER))
    except Exception as error:  # noqa: BLE001 - the other examinations must go on
        said = one_line(f"{type(error).__name__}: {error}")
        found.append(
            Remark("error", "configuration", f"{what} could not be examined: {said}", "", "Report this bug.")
        )
    return found


def _alerts(config: Config, paths: Paths) -> list[Remark]:
    judge = partial(lists.judge_alerts, paths, lists.connects, config.digest)
    if not paths.shared:
        return list(judge())
    try:
        log = open_log(config, paths, begins=False)
    except (WirewatchError, LogError):
        return list(
            judge()
        )  # that the log is away is told where servers are: this machine's copy counts meanwhile
    with log:
        return list(judge(lists.shared_list(log, paths)))


def _elasticsearch(config: Config, dates: dict[str, str]) -> list[Remark]:
    remarks, known = servers.judge_elasticsearch(config, partial(ask, config.elasticsearch))
    dates.update(known)
    return remarks


def _feeds(config: Config, paths: Paths, number: int, dates: dict[str, str]) -> list[Remark]:
    try:
        feeds = _listed(config, paths)
    except (WirewatchError, LogError):
        return []  # it is told where lists and servers are
    found = list(lists.judge_feeds(feeds))
    real, made_up = network.judge_made_up(feeds, config.fetch.hosts)
    asked = asyncio.run(network.ask_feeds(config, network.sample(real, number))) if number and real else []
    dates.update(network.dates_of(asked))
    return [*found, *made_up, *network.judge_answers(asked)]


def _listed(config: Config, paths: Paths) -> Sequence[Feed]:
    """The feed list; where there is none yet, the bundled one, which is taken at the first start."""
    if config.kafka.bootstrap_servers:
        with open_log(config, paths, begins=False) as log:
            listed = feed_list(config, paths, log)
            if listed.exists():
                return listed.load()
    return FeedFile(paths.feeds).load() if paths.feeds.exists() else bundled()
