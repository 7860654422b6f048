"""The whole system in one table. composition/stages.py composes the work of the stages, composition/poller.py their source.

poll --entries------------> fetch --pages--> extract --articles--> enrich --tagged--> relate --related--> index
  |                          ^  `------ any stage --retries, quarantine---------'              `-----> alert --alerts--> deliver
  `--backfill--> backfill ---'  (old entries, while few wait there)      reread --entries--> fetch   (what was read before)
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from stream.clock import utc_now
from stream.errors import ConfigError
from stream.meters import Meters
from stream.persist import Context, until_possible
from stream.quarantine import Retries
from stream.stage import Stage
from stream.supervisor import Backlog, Idle, Retention, Supervisor
from wirewatch.composition.archive_upkeep import keep_archive
from wirewatch.composition.edits import finding, pending_versions, rereading, watched_when_told
from wirewatch.composition.health_index import keep_sources
from wirewatch.composition.heard_hours import keep_heard
from wirewatch.composition.latency import TimedArchive, timed_delivery
from wirewatch.composition.lists import keep_lists
from wirewatch.composition.poller import make_source
from wirewatch.composition.resources import Resources
from wirewatch.composition.stages import (
    alerting,
    backfill_room,
    begin_alerts,
    delivering,
    enriching,
    extracting,
    fetching,
    pass_on,
    relating,
)
from wirewatch.composition.tracing import open_tracer
from wirewatch.config import Config, Paths
from wirewatch.process.malloc import share_arenas
from wirewatch.process.private import make_folder, make_private
from wirewatch.topics import (
    ALERT_STATES,
    ALERTS,
    ARTICLES,
    BACKFILL,
    BESIDE,
    COMPANIONS,
    DELIVERIES,
    ENTRIES,
    PAGES,
    POLL,
    RELATED,
    REPLAYER,
    REREADS,
    STAGES,
    STORIES,
    STORY_MOVES,
    TAGGED,
    VERSIONS,
    WARC_EXPORTER,
    WATCHES,
    open_log,
)

AT_WORK = 32
"""Messages that are handed to the workers at once, for each process. Few would keep them busy, but the slow ones must not take
all places."""
ALL = (POLL, *(name for name in STAGES if name not in COMPANIONS))
"""The parts of the pipeline that can be started, in an article's order."""


async def make_stage(name: str, resources: Resources) -> Stage:
    """The table of the pipeline: what each stage reads, does and writes, and how much at once."""
    match name:
        case "backfill":
            room = backfill_room(resources.config, resources.log)
            return Stage(name, reads=BACKFILL, work=pass_on, writes=(ENTRIES,), concurrency=100, room=room)
        case "fetch":
            # Many entries wait for their host's turn at no cost; how many connections are open is the client's business.
            fetch = fetching(resources.config, await resources.client(), resources.meters, resources.warc())
            return Stage(name, reads=ENTRIES, work=fetch, writes=(PAGES,), concurrency=1000)
        case "extract":
            workers = await resources.workers()
            versions = pending_versions(resources.config, resources.log, finding(resources.archive))
            return Stage(
                name,
                reads=PAGES,
                work=extracting(resources.config, workers, versions),
                writes=(ARTICLES, VERSIONS),
                concurrency=AT_WORK * workers.count,
                reload=versions.reload,
                tick=versions.tick,
            )
        case "enrich":
            workers = await resources.workers()
            work = enriching(resources.config, workers)
            return Stage(
                name,
                reads=ARTICLES,
                work=work,
                writes=(TAGGED, WATCHES),
                concurrency=AT_WORK * workers.count,
            )
        case "reread":
            plan = rereading(resources.config, resources.log, backfill_room(resources.config, resources.log))
            writes = (ENTRIES, REREADS)
            return Stage(name, WATCHES, plan, writes, concurrency=100, reload=plan.reload, tick=plan.tick)
        case "relate":
            relate = relating(resources.config, resources.paths, resources.log)
            return Stage(
                name,
                reads=TAGGED,
                work=relate,
                writes=(RELATED, STORY_MOVES, STORIES),
                concurrency=100,
                reload=relate.reload,
                tick=relate.tick,
            )
        case "alert":
            await until_possible("log", begin_alerts, resources.log)
            judge, alerts = alerting(resources), resources.alerts()
            return Stage(
                name,
                reads=RELATED,
                work=watched_when_told(judge),
                writes=(ALERTS, ALERT_STATES, WATCHES),
                concurrency=100,
                reload=judge.reload,
                tick=judge.tick,
                trouble=alerts.trouble,
                rests=alerts.unusable,
            )
        case "deliver":
            tell, alerts = await delivering(resources), resources.alerts()
            return Stage(
                name,
                reads=ALERTS,
                work=timed_delivery(tell, resources.meters, utc_now),
                writes=(DELIVERIES,),
                concurrency=100,
                reload=tell.reload,
                tick=tell.tick,
                trouble=alerts.trouble,
                rests=alerts.unusable,
            )
        case "index":
            timed = TimedArchive(resources.store(), resources.meters, utc_now)
            return Stage(name, reads=RELATED, work=timed, concurrency=500)
    raise ConfigError(f"stage {name!r}: expected one of {', '.join(STAGES)}")


@asynccontextmanager
async def open_pipeline(
    config: Config, paths: Paths, stop: asyncio.Event, names: Sequence[str] = ALL
) -> AsyncIterator[Supervisor]:
    """The named parts of the pipeline, opened in order and closed in the reverse.

    Raises ConfigError before anything has begun.
    """
    share_arenas()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(16, thread_name_prefix="wirewatch"))
    async with AsyncExitStack() as stack:
        make_folder(paths.data)
        make_private(paths.data)
        log = stack.enter_context(open_log(config, paths))
        await stack.enter_async_context(keep_lists(paths, log, names))
        retries = await until_possible("log", Retries, log, utc_now)
        meters = Meters()
        tracer = stack.enter_context(open_tracer(config.traces, names))
        context = Context(log, retries, meters, utc_now, stop, tracer)
        tags, indexes = "enrich" in names, "index" in names
        resources = Resources(config, paths, log, meters, stack, tags=tags, indexes=indexes)
        wanted = [name for name in STAGES if COMPANIONS.get(name, name) in names]
        stages = [await make_stage(name, resources) for name in wanted]
        backlog = Backlog(_readers(stages, polls=POLL in names), config.log.backlog, BESIDE)
        source = await make_source(resources, context, backlog) if POLL in names else Idle()
        await stack.enter_async_context(keep_sources(config, paths, log, names))
        await stack.enter_async_context(keep_heard(config, paths, log, names))
        await stack.enter_async_context(keep_archive(resources, names))
        yield Supervisor(context, source, stages, backlog, _retention(config))


def _readers(stages: Sequence[Stage], *, polls: bool) -> dict[str, str]:
    """What each stage reads whose lag this process asks for: those that it runs, and those that it writes for."""
    written = {topic for stage in stages for topic in stage.writes} | (
        {ENTRIES, BACKFILL} if polls else set()
    )
    ours = {stage.name for stage in stages}
    return {name: topic.name for name, topic in STAGES.items() if name in ours or topic in written}


def _retention(config: Config) -> Retention:
    beside = {name: STAGES[name].name for name in BESIDE} | {REPLAYER: "", WARC_EXPORTER: ""}
    # a replay may have been given up, and an export commits nothing
    return Retention(timedelta(days=config.log.keep_days), config.log.keep_bytes, beside)
