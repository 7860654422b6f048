import re
import signal
import subprocess
import sys
from urllib.request import Request, urlopen

import feedparser
import pytest
from waiting import PATIENCE


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(stop: signal.Signals) -> None:
    command = [sys.executable, "-m", "demo", "--port", "0", "--head-start", "20", "--every", "0.5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        found = re.match(r"serving on http://127\.0\.0\.1:(\d+)", line)
        assert found is not None
        request = Request(f"http://127.0.0.1:{found[1]}/rss.xml", headers={"Host": "harbour-courier.example"})
        with urlopen(request, timeout=PATIENCE) as response:
            assert feedparser.parse(response.read()).entries
        process.send_signal(stop)
        assert process.wait(timeout=PATIENCE) == 0
        assert process.stderr.read() == ""


def test_it_prints_the_list_of_its_feeds() -> None:
    command = [sys.executable, "-m", "demo", "--port", "9999", "--opml"]

    printed = subprocess.run(
        command, capture_output=True, check=True, timeout=PATIENCE, encoding="utf-8"
    ).stdout

    assert 'xmlUrl="http://harbour-courier.example:9999/rss.xml"' in printed


@pytest.mark.parametrize(
    ("options", "reason"),
    [(["--every", "0"], "every must be a positive number"), (["--head-start", "-1"], "--head-start")],
)
def test_nonsense_is_refused_by_name(options: list[str], reason: str) -> None:
    command = [sys.executable, "-m", "demo", "--port", "0", *options]

    refused = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE, encoding="utf-8")

    assert refused.returncode != 0
    assert reason in refused.stderr
    assert "Traceback" not in refused.stderr
