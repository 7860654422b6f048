"""What is off unless the configuration asks for it: WARC files, the page's TLS and pictures, traces, Kibana."""

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from results.doctor import Remark
from stream.errors import ConfigError
from web.certificate import tls_of
from wirewatch.config import Config, Paths

_PORTS = {"http": 80, "https": 443}


def judge_extras(
    config: Config,
    paths: Paths,
    connects: Callable[[str, int], str],
    is_installed: Callable[[str], bool] = lambda name: importlib.util.find_spec(name) is not None,
) -> Iterator[Remark]:
    """What would not work of what is switched on.

    Args:
        config: the configuration.
        paths: where things are.
        connects: tries to connect to a host and port; returns why that fails, '' if it doesn't.
        is_installed: whether there is a package of that name.
    """
    if config.warc.folder and (fault := unwritable(paths.data / config.warc.folder)):
        advice = (
            "Pages are fetched all the same, but not kept: name another folder, or let this user write to it."
        )
        yield Remark("error", "data", f"WARC files: {fault}", "warc.folder", advice)
    try:
        tls_of(config.web)
    except ConfigError as error:
        advice = "The page is not served without: name a file in PEM that this user can read, and its key."
        yield Remark("error", "configuration", str(error), "web.tls_cert", advice)
    if config.web.images and not is_installed("PIL"):
        advice = (
            "pip install 'wirewatch[images]', or set [web] images = false: the page is not served without."
        )
        yield Remark("error", "configuration", "Pillow is not installed", "web.images", advice)
    if config.traces.endpoint and not is_installed("opentelemetry"):
        advice = "pip install 'wirewatch[traces]', or take out the key: nothing starts without."
        yield Remark("error", "configuration", "OpenTelemetry is not installed", "traces.endpoint", advice)
    elif config.traces.endpoint and (fault := _away(config.traces.endpoint, connects)):
        advice = "Articles go their way all the same, but no trace is recorded. Does the collector run?"
        yield Remark("warning", "servers", f"The collector of traces: {fault}", "traces.endpoint", advice)
    if config.kibana.url and (fault := _away(config.kibana.url, connects)):
        advice = "`wirewatch setup` can't make its dashboards. Does it run, and is [kibana] url right?"
        yield Remark("warning", "servers", f"Kibana: {fault}", "kibana.url", advice)


def unwritable(folder: Path) -> str:
    """Why nothing can be written to a folder, or why it can't be made; '' if nothing is wrong."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not there.is_dir():
        return f"{there} is not a folder"
    return "" if os.access(there, os.W_OK) else f"{there} can't be written to"


def _away(url: str, connects: Callable[[str, int], str]) -> str:
    parts = urlsplit(url)
    return connects(parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 80))
