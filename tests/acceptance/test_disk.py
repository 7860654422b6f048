"""A full disk: wirewatch says so, stops when told to, and loses nothing."""

import resource
import signal
import threading
from collections.abc import Callable

import pytest
from acceptance.command import Wirewatch, World, urls
from servers.commands import Process
from waiting import PATIENCE, wait_until

pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux's prlimit")


def fill_disk(process: Process) -> None:
    """From now on no file of the process can grow or be written: as on a full disk, or over a quota."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, 0))


def lines_of(process: Process) -> list[str]:
    """The lines on standard error, as they come."""
    found: list[str] = []
    assert process.stderr is not None
    stream = process.stderr
    threading.Thread(target=lambda: found.extend(stream), daemon=True).start()
    return found


def test_it_stops_in_time_while_the_disk_is_full_and_continues_when_there_is_room(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    processes: list[Process],
) -> None:
    world = serve_world("--head-start", "30", "--every", "0.2")
    wirewatch = reading(world)
    process = wirewatch.start("run")
    processes.append(process)
    said = lines_of(process)
    wait_until((wirewatch.data / "index" / "search").exists, "its beginning")
    wait_until(lambda: len(wirewatch.search()) >= 3, "some articles")
    fill_disk(process)
    wait_until(lambda: any("waiting" in line and "disk-" in line for line in list(said)), "a full disk")
    assert process.poll() is None, said
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0, "".join(said[-6:])
    assert not any("Traceback" in line for line in said), said

    expected = world.expected("indexed")
    wirewatch.run("run", "--once")
    assert expected <= set(urls(wirewatch.search()))
