import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from stream.log.settings import Log
from stream.trace import named_in_logs, trace_of
from wirewatch.process import logs


@pytest.fixture(autouse=True)
def libraries_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    root.handlers[:] = before


def say() -> None:
    with named_in_logs(trace_of("a" * 32)):
        log = structlog.get_logger("test")
        log.debug("done", stage="fetch")
        log.info("delivered", channel="desk", seconds=1.5, note=None)
        log.error("odd", reason="http://me:secret@a.example/ \x1b[2J\nnext line")


def test_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.as_configured(Log())
    say()
    first, second = capsys.readouterr().err.splitlines()
    assert first.partition(" ")[2] == (
        f"level=info event=delivered trace={'a' * 32} channel=desk seconds=1.5 note="
    )
    assert "secret" not in second
    assert "\x1b" not in second


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.as_configured(Log(level="debug", format="json"))
    say()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(one["level"], one["event"], one["trace"]) for one in lines] == [
        (level, event, "a" * 32)
        for level, event in (("debug", "done"), ("info", "delivered"), ("error", "odd"))
    ]
    assert list(lines[1]) == ["timestamp", "level", "event", "trace", "channel", "seconds", "note"]
    assert "secret" not in lines[2]["reason"]


def test_only_what_is_important_enough(capsys: pytest.CaptureFixture[str]) -> None:
    logs.as_configured(Log(level="error"))
    say()
    assert [line.split()[2] for line in capsys.readouterr().err.splitlines()] == ["event=odd"]


def test_an_exception_of_any_size_is_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.as_configured(Log(format="json"))
    try:
        int("no\x00number")
    except ValueError:
        structlog.get_logger("test").exception("failed", number=2**80)
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert "ValueError" in found["exception"]
    assert "\n" in found["exception"]


def test_warnings_of_libraries_that_warn_of_nothing_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.as_configured(Log())
    cluster, selector = logging.getLogger("kafka.cluster"), logging.getLogger("kafka.net.selector")
    cluster.error("Metadata refresh: failed %s", "Cancelled")
    cluster.warning("No node available for metadata refresh - backoff/retry")
    cluster.error("Topic %s not found in cluster metadata", "wirewatch.pages")
    selector.warning("Task %r ran for %.3fs (>%.3fs threshold).", object(), 0.2, 0.1)
    cluster.error("Metadata refresh: failed %s", "the broker is away")
    selector.warning("Task %s left RUNNING after step", "a")
    logging.getLogger("other").warning("Task a ran for 3 s")
    assert [line.split("event=")[1].split(" logger")[0] for line in capsys.readouterr().err.splitlines()] == [
        '"Metadata refresh: failed the broker is away"',
        '"Task a left RUNNING after step"',
        '"Task a ran for 3 s"',
    ]
