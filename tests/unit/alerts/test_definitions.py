from datetime import timedelta

import pytest

from alerts.channels.definitions import Apprise, Stdout, Webhook
from alerts.definitions import load_definitions
from stream.errors import ConfigError

GOOD = """
[[alert]]
name = "Peace talks"
query = 'syria AND "peace talks"'
channels = ["desk", "stdout"]
at_least = 3
of = "outlets"
within = "2h"
quiet = "22:00-06:00"
zone = "Europe/Berlin"
throttle = "30m"
sources = ["Harbour Courier"]

[channels.desk]
kind = "webhook"
url = "$DESK_URL"
secret = "s3cret"
"""


def test_a_file_is_read_in_full() -> None:
    found = load_definitions(GOOD.encode(), "alerts.toml", {"DESK_URL": "https://desk.example/hook"})
    alert = found.alerts["Peace talks"]
    assert (alert.at_least, alert.of, alert.within) == (3, "outlets", timedelta(hours=2))
    assert alert.throttle == timedelta(minutes=30)
    assert alert.first_in_story
    assert alert.sources == {"harbour courier"}
    assert found.channels["desk"] == Webhook("https://desk.example/hook", "s3cret")
    assert found.channels["stdout"] == Stdout()


def test_a_byte_order_mark_does_no_harm() -> None:
    environment = {"DESK_URL": "https://desk.example/hook"}
    marked = load_definitions(b"\xef\xbb\xbf" + GOOD.encode(), "alerts.toml", environment)
    assert marked == load_definitions(GOOD.encode(), "alerts.toml", environment)


def test_an_alert_needs_no_more_than_a_name_and_a_query() -> None:
    found = load_definitions(b'[[alert]]\nname = "x"\nquery = "y"', "alerts.toml", {})
    assert found.alerts["x"].channels == ("file",)
    assert load_definitions(b"", "alerts.toml").alerts == {}


def test_an_alert_about_sources_has_no_query() -> None:
    text = b'[[alert]]\nname = "dark"\nabout = "sources"\nsources = ["Radio A"]\nfailing_for = "90m"'
    found = load_definitions(text, "alerts.toml").alerts["dark"]
    assert (found.tree, found.query, found.sources) == (None, "", frozenset({"radio a"}))
    assert found.failing_for == timedelta(minutes=90)


DARK = '[[alert]]\nname = "x"\nabout = "sources"\n'
ALERT = '[[alert]]\nname = "x"\nquery = "y"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alert = 3", "expected [[alert]] tables"),
        ("[alerts]\n", "unknown key 'alerts'"),
        ('[[alert]]\nquery = "y"', "alert number 1: expected a key 'name'"),
        (
            '[[alert]]\nname = "x"\nquery = "y"\nchannel = ["a"]',
            "alert 'x': unknown key 'channel'; did you mean 'channels'?",
        ),
        (ALERT + ALERT, "alert 'x': two alerts have this name"),
        ('[[alert]]\nname = "a|b"\nquery = "y"', "expected a name of up to 60 letters"),
        ('[[alert]]\nname = "x"\nquery = "(y"', "alert 'x', key 'query', position 0"),
        ('[[alert]]\nname = "x"\nquery = "*"', "alert 'x', key 'query'"),
        (
            ALERT + 'channels = ["desc"]\n[channels.desk]\nkind = "stdout"',
            "there is no channel 'desc'; did you mean 'desk'?",
        ),
        (ALERT + 'within = "soon"', "alert 'x', key 'within': expected a duration such as 90s"),
        (ALERT + 'throttle = "0m"', "key 'throttle'"),
        (ALERT + 'quiet = "22-6"', "key 'quiet': expected hours such as 22:00-06:00"),
        (ALERT + 'zone = "Berlin"', "key 'zone': expected a time zone"),
        (ALERT + 'digest = "weekly"', "key 'digest'"),
        (ALERT + 'digest_at = "8"', "key 'digest_at'"),
        (ALERT + 'severity = "loud"', "key 'severity'"),
        ('[[alert]]\nname = "x"', "alert 'x', key 'query': expected a query, or about = 'sources'"),
        (
            '[[alert]]\nname = "x"\nabout = "weather"',
            "alert 'x', key 'about': expected one of 'articles', 'sources', 'edits', found 'weather'",
        ),
        (DARK + 'query = "y"', "alert 'x', key 'query': does not go with about = 'sources'"),
        (DARK + 'languages = ["en"]', "key 'languages': does not go with about = 'sources'"),
        (DARK + 'failing_for = "long"', "key 'failing_for': expected a duration"),
        (ALERT + 'failing_for = "1h"', "key 'failing_for': is only for an alert with about = 'sources'"),
        (ALERT + "at_least = 0", "key 'at_least'"),
        (ALERT + "same_story = true", "key 'same_story': needs at_least = 2 or more"),
        (DARK + "same_story = true", "key 'same_story': does not go with about = 'sources'"),
        ('[channels.desk]\nkind = "pigeon"', "channel 'desk'"),
        (
            '[channels.desk]\nkind = "webhook"\nurl = "ftp://x"',
            "channel 'desk', key 'url': expected a URL like https://",
        ),
        (
            '[channels.desk]\nkind = "webhook"\nurl = "$NONE"\nurll = "x"',
            "channel 'desk': unknown key 'urll'; did you mean 'url'?",
        ),
        ('[channels.desk]\nkind = "pigeon"\nurl = "$NONE"', "channel 'desk'"),
        ('[channels.desk]\nkind = "stdout"\nmade_for = 3', "channel 'desk', key 'made_for'"),
        (
            '[channels.desk]\nkind = "apprise"\nurl = "nosuch://x"',
            "channel 'desk', key 'url': expected an Apprise URL",
        ),
        ('[channels.desk]\nkind = "file"\nformat = "x"', "channel 'desk': unknown key 'format'"),
        ("[channels]\ndesk = 3", "channel 'desk'"),
        ("x = [", "not valid TOML"),
    ],
)
def test_errors_are_named_with_their_place_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_definitions(text.encode(), "my-alerts.toml", {})
    assert str(caught.value).startswith("my-alerts.toml")
    assert said in str(caught.value)


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(ConfigError, match="expected UTF-8, found byte 0xff at 0"):
        load_definitions(b"\xff", "alerts.toml")


def test_apprise_is_asked_whether_it_knows_a_url() -> None:
    text = b'[channels.mail]\nkind = "apprise"\nurl = "mailto://user:pass@example.org"'
    assert load_definitions(text, "alerts.toml").channels["mail"] == Apprise("mailto://user:pass@example.org")


BROKEN = """
[[alert]]
name = "x"
query = "y"
channels = ["desk", "hook", "file"]

[channels.desk]
kind = "apprise"
url = "$DESK_URL"

[channels.hook]
kind = "webhook"
url = "https://desk.example/hook"
secret = "$HOOK_SECRET"
"""


@pytest.mark.parametrize(
    ("environment", "broken"),
    [
        (
            {},
            {
                "desk": "key 'url': there is no environment variable DESK_URL",
                "hook": "key 'secret': there is no environment variable HOOK_SECRET",
            },
        ),
        (
            {"DESK_URL": "nosuch://x", "HOOK_SECRET": "s"},
            {"desk": "key 'url': expected an Apprise URL, such as mailto://user:password@example.org or "},
        ),
        ({"DESK_URL": "", "HOOK_SECRET": "s"}, {"desk": "key 'url': expected text of at least 1 character"}),
        ({"DESK_URL": "mailto://user:pass@example.org", "HOOK_SECRET": "s"}, {}),
    ],
)
def test_a_channel_that_the_environment_breaks_stops_no_other(
    environment: dict[str, str], broken: dict[str, str]
) -> None:
    found = load_definitions(BROKEN.encode(), "alerts.toml", environment)
    assert found.alerts["x"].channels == ("desk", "hook", "file")
    assert found.broken.keys() == broken.keys()
    assert found.channels.keys() == {"desk", "hook", "file", "stdout"} - broken.keys()
    for channel, said in broken.items():
        assert found.broken[channel].startswith(said)


def test_a_broken_redefinition_of_a_built_in_channel_is_not_replaced_by_the_built_in_one() -> None:
    found = load_definitions(b'[channels.file]\nkind = "file"\npath = "$PLACE"', "alerts.toml", {})
    assert "file" not in found.channels
    assert "file" in found.broken
