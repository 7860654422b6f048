"""Structured log lines on standard error.

Every value passes the gate of stream/display.py: reasons, names and URLs in it come from strangers' servers.
"""

import logging
import re
import sys
from typing import Literal

import msgspec
import structlog
from rich.console import Console

from stream.display import one_line, visible, without_secrets
from stream.log.settings import Log

_KEYS = ("timestamp", "level", "event", "trace")
"""The keys that come first in a line."""
_logfmt = structlog.processors.LogfmtRenderer(key_order=_KEYS, drop_missing=True)
_LIBRARIES = logging.WARNING
"""The level from which libraries' own logs are passed on."""
_NOISE = {
    "kafka.cluster": re.compile(
        r"Metadata refresh: failed Cancelled|No node available for metadata refresh|Topic \S+ not found in cluster metadata"
    ),
    "kafka.net.selector": re.compile(r"Task .* ran for "),
}
"""Warnings of kafka-python, by logger, that warn of nothing: a client is being opened or closed, or the machine is busy. That a
broker is away is told by other loggers; that a topic is gone, by stream/log/kafka, and not ten times a second."""


def as_configured(settings: Log) -> None:
    """For services and files, as the section [log] says."""
    to_lines(logging.getLevelNamesMapping()[settings.level.upper()], settings.format)


def to_lines(level: int = logging.INFO, form: Literal["text", "json"] = "text") -> None:
    """For services and files: one line an event, with its time in UTC and the trace that it belongs to."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            gate,
            _json if form == "json" else _logfmt,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    _pass_on_libraries()


def to_console(console: Console, level: int = logging.WARNING) -> None:
    """For a person at a terminal: what went wrong, above the live table."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.format_exc_info, gate, _plain],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _ConsoleLogger(console),
        cache_logger_on_first_use=False,
    )
    _pass_on_libraries()


def gate(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A processor that makes each value fit for a log: one bounded line, without control characters and secrets.

    A traceback keeps its lines.
    """
    return {one_line(key): _safe(value, lines=key == "exception") for key, value in event.items()}


def _json(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    first = {key: event.pop(key) for key in _KEYS if key in event}
    return msgspec.json.encode({**first, **event}).decode()


def _safe(value: object, *, lines: bool) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = without_secrets(value if isinstance(value, str) else str(value))
    return visible(text) if lines else one_line(text)


def _pass_on_libraries() -> None:
    """Send libraries' logs the same way, instead of Python's default to standard error."""
    root = logging.getLogger()
    if not any(isinstance(handler, _PassOn) for handler in root.handlers):
        root.addHandler(_PassOn(_LIBRARIES))


class _PassOn(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Log a library's record as an event of ours, unless it is noise."""
        text, noise = record.getMessage(), _NOISE.get(record.name)
        if noise and noise.match(text):
            return
        said = structlog.get_logger(record.name)
        said.log(record.levelno, text, logger=record.name, exc_info=record.exc_info)


def _plain(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    level, text = event.pop("level"), event.pop("event")
    details = "  ".join(f"{key}={value}" for key, value in event.items() if value not in (None, ""))
    return f"{level}: {text}  {details}"


class _ConsoleLogger:
    """Prints through rich, so that a line does not tear the live display."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def msg(self, message: str) -> None:
        self._console.print(message, style="dim", markup=False, highlight=False, soft_wrap=False)

    debug = info = warning = error = critical = exception = msg
