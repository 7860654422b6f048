"""Alerts as users see them: a running wirewatch takes them up, faults are named, back-tests foretell them."""

import json
import subprocess
from collections.abc import Callable

import pytest
from acceptance.alerting import ALERTS, EVERYTHING, Receiver, fired, first_poll, is_over, sent, with_alerts
from acceptance.command import Wirewatch, World
from samples.documents import checked
from waiting import wait_until


def is_silent_over_news(wirewatch: Wirewatch) -> bool:
    """Whether nothing is reported while three more articles arrive."""
    before, told = len(wirewatch.archived()), fired(wirewatch)
    wait_until(lambda: len(wirewatch.archived()) >= before + 3, "three more articles")
    return fired(wirewatch) == told


def test_a_running_wirewatch_takes_up_a_new_alert(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    processes: list["subprocess.Popen[str]"],
) -> None:
    wirewatch, port = first_poll(reading)
    serve_world("--head-start", "5", "--every", "1.2", port=port)
    processes.append(wirewatch.start("run"))
    said = wirewatch.run(
        "alerts", "add", "All", "the OR der OR la", "--channel", "file", "--severity", "critical"
    ).stdout
    assert "(the OR der OR la)" in said
    wait_until(lambda: len(sent(wirewatch)) > 1, "alerts")
    told = checked(sent(wirewatch)[-1])
    assert told["severity"] == "critical"
    assert told["coverage"]["sources"] > 5
    article = told["hits"][0]["article"]
    wait_until(lambda: article["url"] in wirewatch.archived(), "it in the archive as well")
    (firing, *_) = wirewatch.ask("show", article["id"])["alerts"]
    assert (firing["alert"], firing["hit"]["article"]["id"]) == ("All", article["id"])
    shown = wirewatch.run("show", article["id"]).stdout
    assert "Alerts" in shown
    assert "matched:" in shown.split("Alerts")[1]
    assert "file: delivered" in shown

    wirewatch.run("alerts", "mute", "All")
    wait_until(lambda: is_silent_over_news(wirewatch), "silence while news come")
    assert "All (muted)" in wirewatch.run("alerts", "list").stdout
    assert "no longer muted" in wirewatch.run("alerts", "mute", "All", "--off").stdout
    assert "All (muted)" not in wirewatch.run("alerts", "list").stdout


def test_errors_in_alerts_are_reported_with_their_place(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch], desk: Receiver
) -> None:
    wirewatch = with_alerts(reading(serve_world("--head-start", "5")), desk)
    again = wirewatch.run("alerts", "add", "Syria", "x", code=2).stderr
    assert "alerts.toml, alert 'Syria', key 'name': there is an alert of this name" in again
    wrong = wirewatch.run("alerts", "add", "Mail", "x", "--to", "nosuch://x", code=2).stderr
    assert "channel 'Mail', key 'url': expected an Apprise URL" in wrong
    assert "position" in wirewatch.run("alerts", "add", "Bad", "(x", code=2).stderr
    assert "no alert is called 'No'" in wirewatch.run("alerts", "show", "No", code=2).stderr
    assert "no alert is called 'No'" in wirewatch.run("alerts", "remove", "No", code=2).stderr
    assert (
        "expected a duration"
        in wirewatch.run("alerts", "add", "Soon", "x", "--at-least", "2", "--within", "soon", code=2).stderr
    )
    file = wirewatch.data / "alerts.toml"
    whole = file.read_text()
    file.write_text(whole + '[[alert]]\nname = "Typo"\nquery = "x"\nchanels = []\n')
    said = "unknown key 'chanels'; did you mean 'channels'?"
    rested = wirewatch.run("run", "--once", code=1)
    assert "Stage alert rests: " in rested.stdout
    assert said in rested.stdout.replace("\n", " ")
    assert articles(wirewatch) > 0, "they reach the archive all the same"
    assert waiting(wirewatch, "alert") == articles(wirewatch)
    file.write_text(whole)
    wirewatch.run("run", "--once")
    assert waiting(wirewatch, "alert") == 0, "what waited is judged"


def articles(wirewatch: Wirewatch) -> int:
    found: int = json.loads(wirewatch.run("status", "--json").stdout)["articles"]
    return found


def waiting(wirewatch: Wirewatch, stage: str) -> int:
    stages = json.loads(wirewatch.run("status", "--json").stdout)["stages"]
    return next(int(one["lag"]) for one in stages if one["stage"] == stage)


def test_a_backtest_shows_what_would_have_been_sent(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    wirewatch = reading(serve_world())
    assert "no archive" in wirewatch.run("alerts", "test", "syria", code=2).stderr
    wirewatch.run("run", "--once")
    since = ("--since", "2016-01-01", "--until", "2016-04-01")
    found = wirewatch.ask("alerts", "test", "syria OR syrian", *since)
    assert found["articles"] == len(wirewatch.search("syria OR syrian", *since))
    assert 10 < found["messages"] == found["stories"] < found["articles"]
    assert sum(day["messages"] for day in found["days"]) == found["messages"]
    assert all(sample["hit"]["snippet"]["marks"] for sample in found["samples"])
    shown = wirewatch.run("alerts", "test", "syria OR syrian", *since).stdout
    assert f"{found['messages']} messages to each channel" in shown
    assert "█" in shown
    few = wirewatch.ask("alerts", "test", "syria", *since, "--digest", "daily")
    assert few["messages"] < found["messages"]
    none = wirewatch.run("alerts", "test", "xylophonist", *since).stdout
    assert "nothing would have been sent" in none
    assert "0 firings since" in wirewatch.run("alerts", "history").stdout
    assert "There are no alerts" in wirewatch.run("alerts", "list").stdout


def test_a_channel_without_its_variable_stops_no_other_and_is_named(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    desk: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wirewatch, port = first_poll(reading)
    text = ALERTS.format(port=desk.port, everything=EVERYTHING).replace('"s3cret"', '"$WATCH_HOOK_SECRET"')
    (wirewatch.data / "alerts.toml").write_text(text)
    monkeypatch.delenv("WATCH_HOOK_SECRET", raising=False)
    world = serve_world("--head-start", "5", "--every", "0.02", port=port)
    wait_until(lambda: is_over(world), "the last article")
    ran = wirewatch.run("run", "--once")
    why = "there is no environment variable WATCH_HOOK_SECRET"
    assert why in ran.stderr
    assert fired(wirewatch) > 10
    assert not desk.got
    (waiting,) = [one for one in wirewatch.status()["retries"] if one["stage"] == "deliver"]
    assert (waiting["kind"], waiting["count"]) == ("channel-broken", fired(wirewatch))
    assert f"channel desk: key 'secret': {why}" in waiting["example"]
    assert f"channel 'desk' can't be used here: key 'secret': {why}" in wirewatch.run("alerts", "list").stdout
    monkeypatch.setenv("WATCH_HOOK_SECRET", "s3cret")
    wirewatch.run("quarantine", "retry", "--stage", "deliver")
    wirewatch.run("run", "--once")
    assert len(set(desk.keys())) == waiting["count"]


def test_alerts_and_feeds_that_many_commands_change_at_once_are_all_there(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    wirewatch = reading(serve_world("--head-start", "5"))
    before = len(wirewatch.run("feeds", "list", "--jsonl").stdout.splitlines())
    adding = [wirewatch.start("alerts", "add", f"Alert {number}", "syria") for number in range(12)]
    for number in range(6):
        file = wirewatch.feeds.with_name(f"other{number}.opml")
        file.write_text(
            f'<opml><body><outline text="{number}" xmlUrl="http://n{number}.example/"/></body></opml>'
        )
        adding.append(wirewatch.start("feeds", "import", str(file)))
    assert [process.communicate()[1] for process in adding] == [""] * 18
    assert [process.returncode for process in adding] == [0] * 18
    assert len(wirewatch.run("alerts", "list", "--jsonl").stdout.splitlines()) == 12
    assert len(wirewatch.run("feeds", "list", "--jsonl").stdout.splitlines()) == before + 6
