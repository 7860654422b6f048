"""Two machines with data folders of their own over one Kafka: one list of alerts, and each alert is sent once."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.command import Wirewatch
from samples import alerts as samples
from servers.kafka import SESSION_SECONDS
from waiting import wait_until

from stream.clock import utc_now
from stream.log.base import Outgoing
from stream.messages import encode
from wirewatch import config as configuration
from wirewatch.config import Paths
from wirewatch.topics import ALERTS, RELATED, open_log

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")


@pytest.fixture
def machines(kafka: str, tmp_path: Path) -> tuple[Wirewatch, Wirewatch]:
    """Two that have nothing in common but the broker."""
    prefix = f"test-{uuid.uuid4().hex[:8]}."
    made = []
    for name in ("here", "there"):
        folder = tmp_path / name
        (folder / "data").mkdir(parents=True)
        (folder / "wirewatch.toml").write_text(
            f"[kafka]\nbootstrap_servers = '{kafka}'\nprefix = '{prefix}'\nsession_seconds = {SESSION_SECONDS}\n"
        )
        made.append(Wirewatch(folder / "data", folder / "wirewatch.toml", folder / "feeds.opml"))
    return made[0], made[1]


@pytest.fixture
def running(machines: tuple[Wirewatch, Wirewatch]) -> Iterator[list["subprocess.Popen[str]"]]:
    here, _ = machines
    (here.data / "alerts.toml").write_text('[[alert]]\nname = "Old"\nquery = "talks"\n')
    found = [one.start("alert", "deliver") for one in machines]
    yield found
    for process in found:
        process.terminate()
    for process in found:
        process.communicate()


@pytest.mark.usefixtures("running")
def test_machines_share_their_alerts_and_each_is_sent_once(machines: tuple[Wirewatch, Wirewatch]) -> None:
    here, there = machines
    wait_until((there.data / "alerts.shared.toml").exists, "the alerts on the other machine")
    there.run("alerts", "add", "New", "syria")
    wait_until(lambda: '"New"' in (here.data / "alerts.shared.toml").read_text(), "the new alert")
    wait_until(lambda: '"Old"' in (there.data / "alerts.shared.toml").read_text(), "the old alert")
    assert "Removed 'Old'" in here.run("alerts", "remove", "Old").stdout
    wait_until(lambda: '"Old"' not in (there.data / "alerts.shared.toml").read_text(), "its end")
    article = samples.article(seen=utc_now(), title="Talks on Syria open", story="s1")
    paths = Paths(here.data, here.feeds, None)
    with open_log(configuration.load(here.config, {}), paths) as log:
        log.produce([Outgoing(RELATED.name, article.key, encode(article))])
        wait_until(lambda: told(machines), "the alert")
        wait_until(lambda: not log.progress("deliver", ALERTS.name).lag, "all alerts")
        assert sum(log.ends(ALERTS.name).values()) == 1
    assert [line.split('"alert":"')[1].split('"')[0] for line in told(machines)] == ["New"]
    listed = there.ask("alerts", "list", "--json")
    assert [(one["name"], one["fired"]) for one in listed["alerts"]] == [("New", 1)]


def told(machines: tuple[Wirewatch, Wirewatch]) -> list[str]:
    files = [one.data / "alerts.jsonl" for one in machines]
    return [line for file in files if file.exists() for line in file.read_text().splitlines()]
