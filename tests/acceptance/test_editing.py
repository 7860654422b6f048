"""What is changed on the page takes effect in a running wirewatch, beside the command line."""

import json
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

from acceptance.alerting import EVERYTHING, sent
from acceptance.command import Wirewatch, World
from servers.commands import Process
from servers.ports import free_port
from waiting import wait_until


class Desk:
    """Someone at the page: its forms, and the API."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def is_open(self) -> bool:
        try:
            self.get("/alerts")
        except OSError:
            return False
        return True

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"{self._url}{path}") as answer:
            return str(answer.read().decode())

    def ask(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get(f"/api/v1{path}"))
        return found

    def post(self, path: str, **fields: str) -> None:
        data = urllib.parse.urlencode(fields).encode()
        self._send(urllib.request.Request(f"{self._url}{path}", data))

    def put(self, path: str, body: object, version: str) -> None:
        headers = {"Content-Type": "application/json", "If-Match": f'"{version}"'}
        data = json.dumps(body).encode()
        self._send(urllib.request.Request(f"{self._url}/api/v1{path}", data, headers, method="PUT"))

    def _send(self, request: urllib.request.Request) -> None:
        request.add_header("Sec-Fetch-Site", "same-origin")
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200


def begun(
    world: World, reading: Callable[[World], Wirewatch], processes: list[Process]
) -> tuple[Wirewatch, Desk]:
    """A running wirewatch with the page beside it, which has read what was out at the start."""
    wirewatch, port = reading(world), free_port()
    with wirewatch.config.open("a") as config:
        config.write(f"[web]\nport = {port}\n")
    processes.append(wirewatch.start("run"))
    desk = Desk(port)
    wait_until(desk.is_open, "the page")
    wait_until(wirewatch.archived, "the first articles")
    return wirewatch, desk


def test_what_is_made_on_the_page_takes_effect_in_a_running_wirewatch(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    processes: list[Process],
) -> None:
    world = serve_world("--head-start", "20", "--every", "1")
    wirewatch, desk = begun(world, reading, processes)
    desk.post("/alerts", sent="1", name="From the page", query=EVERYTHING, channels="file", each="on")
    desk.post("/topics", id="own", name="Own", query=EVERYTHING)
    wait_until(lambda: any(one["alert"] == "From the page" for one in sent(wirewatch)), "the alert")
    told = desk.ask("/alerts/From%20the%20page/history")["firings"]
    assert told
    wait_until(lambda: desk.ask("/articles?q=topic:own")["total"], "an article of the new topic")

    sources = desk.ask("/sources")["sources"]
    for source in sources:
        desk.put(f"/sources/{source['id']}", {"paused": True}, source["version"])
    assert {one["health"]["status"] for one in desk.ask("/sources")["sources"]} == {"paused"}
    assert all(feed["paused"] for feed in wirewatch.ask("feeds", "list")["feeds"])


def test_the_command_line_and_the_page_at_once_lose_no_change(
    reading: Callable[[World], Wirewatch], processes: list[Process]
) -> None:
    wirewatch, port = reading(World(free_port())), free_port()
    processes.append(wirewatch.start("serve", "--port", str(port)))
    desk = Desk(port)
    wait_until(desk.is_open, "the page")
    wirewatch.run("alerts", "add", "Both", "x")

    def by_page(first: int) -> None:
        for number in range(first, first + 10):
            desk.post("/alerts", sent="1", name=f"page {number}", query="truce", channels="file")

    people = [threading.Thread(target=by_page, args=(first,)) for first in (0, 10)]
    for one in people:
        one.start()
    for number in range(5):
        wirewatch.run("alerts", "add", f"command {number}", "talks")
        wirewatch.run("alerts", "mute", "Both", *(["--off"] if number % 2 else []))
    for one in people:
        one.join()
    names = {one["name"] for one in wirewatch.ask("alerts", "list")["alerts"]}
    assert names == {"Both", *(f"page {n}" for n in range(20)), *(f"command {n}" for n in range(5))}
    assert {one["name"] for one in desk.ask("/alerts")["alerts"]} == names
