"""Delivery to the standard output of the process."""

import asyncio
import sys
from typing import Literal

from alerts.deliver import Send
from alerts.message import Alert, body, headline
from alerts.results import alert_document
from stream.display import to_json


def stdout(form: Literal["text", "json"]) -> Send:
    """Makes a function that prints: for a person, or a line of JSON for a program."""

    async def send(alert: Alert) -> None:
        text = (
            to_json(alert_document(alert)) if form == "json" else f"{headline(alert)}\n{_indented(alert)}\n"
        )
        await asyncio.to_thread(_print, text)

    return send


def _indented(alert: Alert) -> str:
    return "\n".join(f"  {line}".rstrip() for line in body(alert).splitlines())


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
