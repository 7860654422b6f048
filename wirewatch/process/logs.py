"""How this process speaks of what it does: structured lines on standard error."""

import logging
import sys

import structlog
from rich.console import Console


def to_lines(level: int = logging.INFO) -> None:
    """For services and files: one logfmt line an event, with its time in UTC."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def to_console(console: Console, level: int = logging.WARNING) -> None:
    """For a person who watches: what went wrong, above the live display."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.format_exc_info, _plain],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _ConsoleLogger(console),
        cache_logger_on_first_use=False,
    )


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
