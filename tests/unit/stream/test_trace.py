"""One id follows an article through the stages, in the messages and in the log lines."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import structlog
from structlog.testing import LogCapture
from waiting import until

from stream.errors import Reject
from stream.log.base import Outgoing, TopicSpec
from stream.log.memory import MemoryLog
from stream.messages import article_id, encode
from stream.meters import Meters
from stream.persist import Context
from stream.quarantine import QUARANTINE, RETRIES, Retries
from stream.runner import run_stage
from stream.stage import Stage, Topic
from stream.trace import Span, id_of, trace_of

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
PAGE = article_id("http://a.example/1")


class Number(msgspec.Struct):
    n: int
    key: str = "k"


ASKED, ANSWERED = Topic("asked", Number), Topic("answered", Number)


def new_log() -> MemoryLog:
    shelves = [TopicSpec(shelf.name, compacted=True) for shelf in (RETRIES, QUARANTINE)]
    return MemoryLog([TopicSpec("asked", 1), TopicSpec("answered", 1), *shelves], lambda: NOW)


@pytest.fixture
def lines() -> list[Mapping[str, Any]]:
    captured = LogCapture()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, captured])
    return captured.entries


class Sink:
    def add(self, message: Number) -> None:
        if message.n < 0:
            raise Reject("negative", "it is below zero")

    def flush(self) -> dict[str, Reject]:
        return {}


class Recording:
    """A tracer that notes what begins and how it ends."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str, str]] = []

    def begin(self, stage: str, trace: str) -> Span:
        outer = self

        class Noted:
            trace = "00-" + PAGE + "-" + "b" * 16 + "-01"

            def end(self, failure: str = "") -> None:
                outer.ended.append((stage, before, failure))

        before = trace
        return Noted()


async def run(log: MemoryLog, stage: Stage, tracer: Any = None) -> None:
    options = {"tracer": tracer} if tracer else {}
    context = Context(log, Retries(log, lambda: NOW), Meters(), lambda: NOW, asyncio.Event(), **options)
    task = asyncio.create_task(run_stage(stage, context, lambda: True))
    await until(lambda: log.progress(stage.name, stage.reads.name).lag == 0 or task.done())
    context.stop.set()
    await task


async def answer(number: Number) -> Sequence[Number]:
    structlog.get_logger("work").info("thinking")
    await asyncio.to_thread(structlog.get_logger("work").info, "thinking in a thread")
    if number.n < 0:
        raise Reject("negative", "it is below zero")
    return [number]


def ask(log: MemoryLog) -> None:
    log.produce(
        [
            Outgoing("asked", "k", encode(Number(1)), trace=trace_of(PAGE)),
            Outgoing("asked", "k", encode(Number(-1)), trace=trace_of("b" * 32)),
            Outgoing("asked", "k", encode(Number(3))),
        ]
    )


async def test_every_line_about_a_message_names_its_trace(lines: list[Mapping[str, Any]]) -> None:
    log = new_log()
    ask(log)
    await run(log, Stage("add", ASKED, answer, (ANSWERED,), concurrency=3))
    named = [(one["event"], one.get("trace", "")) for one in lines]
    for event, trace in (
        *(("thinking", PAGE), ("thinking in a thread", PAGE), ("done", PAGE)),
        *(("thinking", "b" * 32), ("quarantined", "b" * 32)),
        *(("thinking", ""), ("done", "")),
    ):
        assert (event, trace) in named
    with log.consumer("look", "answered") as consumer:
        assert sorted(one.trace for one in consumer.poll(10, 0)) == ["", trace_of(PAGE)]


async def test_the_end_of_the_pipeline_names_it_too(lines: list[Mapping[str, Any]]) -> None:
    log = new_log()
    ask(log)
    await run(log, Stage("index", ASKED, Sink(), concurrency=3))
    named = [(one["event"], one.get("trace", "")) for one in lines]
    assert {("done", PAGE), ("quarantined", "b" * 32), ("done", "")} <= set(named)
    assert ("done", "b" * 32) not in named


@pytest.mark.parametrize("work", [answer, Sink()])
async def test_each_message_is_a_span_and_its_results_belong_to_it(
    work: Any, lines: list[Mapping[str, Any]]
) -> None:
    log, tracer = new_log(), Recording()
    ask(log)
    writes = (ANSWERED,) if callable(work) else ()
    await run(log, Stage("add", ASKED, work, writes, concurrency=3), tracer)
    assert sorted(tracer.ended) == sorted(
        [("add", trace_of(PAGE), ""), ("add", trace_of("b" * 32), "negative"), ("add", "", "")]
    )
    with log.consumer("look", "answered") as consumer:
        assert {one.trace for one in consumer.poll(10, 0)} <= {f"00-{PAGE}-{'b' * 16}-01"}


def test_what_is_no_trace_context_has_no_id() -> None:
    assert id_of(trace_of(PAGE)) == PAGE
    for wrong in (
        "",
        "00-ab-cd-01",
        "x",
        trace_of(PAGE) + "\n",
        trace_of(PAGE).upper(),
        "01" + trace_of(PAGE)[2:],
    ):
        assert id_of(wrong) == ""
