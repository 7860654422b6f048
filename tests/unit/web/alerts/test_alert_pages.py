"""The pages of alerts, over a real alerts.toml."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from samples.alerts import article
from samples.page import Client, filled_in, page_over, texts, tree
from samples.settings import settings_in

from alerts.deliver import Delivered
from alerts.message import alert_key, mention_of
from alerts.state import Fired, Held, Pace
from index.embedded.store import EmbeddedStore
from query.article import prepare_enriched
from query.parse import parse
from results.alerts import Alerts
from stream.log.base import Outgoing
from stream.messages import encode
from web.alerts.page import PER_PAGE
from wirewatch.commands.page import alerts as page_alerts
from wirewatch.lists.alerts import AlertList, load
from wirewatch.lists.keeper import OwnFile
from wirewatch.topics import ALERT_STATES, DELIVERIES, open_log

NOW = datetime.now(UTC)
FILE = """# ours
[[alert]]
name = "Talks"  # the desk's
query = '"peace talks"'
severity = "critical"
throttle = "2h"

[[alert]]
name = "Hook"
query = "truce"
channels = ["desk", "gone"]

[channels.desk]
kind = "webhook"
url = "https://user:PASSWORD@hooks.example/TOKEN"

[channels.gone]
kind = "webhook"
url = "$NO_SUCH_VARIABLE"
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    with EmbeddedStore.open(folder / "index", now=lambda: NOW) as store:
        for n in range(6):
            store.add(article(n, published=NOW - timedelta(days=n), story=f"{n // 2:032x}"))
        store.flush()
    return folder / "index"


@pytest_asyncio.fixture
async def client(tmp_path: Path, archive: Path) -> AsyncIterator[Client]:
    (tmp_path / "alerts.toml").write_text(FILE)
    (tmp_path / "index").symlink_to(archive)
    async with page_over(tmp_path) as made:
        yield made


async def test_the_list_shows_the_state_of_each_alert_and_its_channels(client: Client) -> None:
    page = await tree(await client.get("/alerts"))
    assert texts(page, "tbody th a") == ["Talks", "Hook"]
    assert "hooks.example" in texts(page, "#channels td")
    assert "there is no environment variable NO_SUCH_VARIABLE" in " ".join(texts(page, "#channels td"))
    assert "PASSWORD" not in page.text_content()
    assert "TOKEN" not in page.text_content()
    assert len(page.cssselect("#channels form")) == 3  # stdout, file, desk: not the broken one


async def test_the_empty_state_explains_what_to_do(tmp_path: Path) -> None:
    async with page_over(tmp_path) as client:
        page = await tree(await client.get("/alerts"))
    assert "An alert watches for a query" in page.text_content()


async def test_a_form_reads_the_list_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    listed = page_alerts.AlertEditor.listed

    def counted(editor: page_alerts.AlertEditor) -> Alerts:
        nonlocal read
        read += 1
        return listed(editor)

    monkeypatch.setattr(page_alerts.AlertEditor, "listed", counted)
    for number, address in enumerate(("/new/alert?query=talks", "/alerts/Talks/edit"), 1):
        await tree(await client.get(address))
        assert read == number


async def test_many_alerts_have_pages(client: Client, tmp_path: Path) -> None:
    more = "".join(f'[[alert]]\nname = "a {n}"\nquery = "x"\n' for n in range(PER_PAGE))
    (tmp_path / "alerts.toml").write_text(more)
    assert not (await tree(await client.get("/alerts"))).cssselect(".pages")
    (tmp_path / "alerts.toml").write_text(more + FILE)
    page = await tree(await client.get("/alerts"))
    assert len(page.cssselect("tbody th a")) == PER_PAGE
    (after,) = page.cssselect(".pages a")
    page = await tree(await client.get(after.get("href")))
    assert texts(page, "tbody th a") == ["Talks", "Hook"]
    await tree(await client.get("/alerts?page=x"), 400)


async def test_a_search_becomes_an_alert(client: Client, tmp_path: Path) -> None:
    page = await tree(await client.get("/?q=talks"))
    (link,) = [one for one in page.cssselect("a") if one.text == "Make an alert of this"]
    page = await tree(await client.get(link.get("href")))
    assert "3 messages: about one every 10 days" in texts(page, ".trial .total")
    assert len(page.cssselect(".trial svg rect.f0")) == 3
    assert texts(page, ".trial mark")[0] == "talks"
    fields = filled_in(page) | {"name": "New one", "severity": "warning", "at_least": "2", "of": "outlets"}
    answer = await client.post("/alerts", data=fields)
    assert "Saved" in (await answer.text())
    assert str(answer.url.path) == "/alerts/New one"
    assert AlertList(OwnFile(tmp_path / "alerts.toml")).tables()["New one"] == {
        "name": "New one",
        "query": "talks",
        "severity": "warning",
        "of": "outlets",
        "at_least": 2,
    }


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("query", "syria AND (", "a word or a phrase is missing"),
        ("name", "a|b", "expected a name of up to 60 letters"),
        ("name", "Talks", "there is an alert of this name"),
        ("at_least", "two", "expected a whole number"),
        ("at_least", "2000", "at most 1000"),
        ("within", "soon", "expected a duration"),
        ("quiet", "22-6", "expected hours such as 22:00-06:00"),
        ("zone", "Berlin", "expected a time zone"),
        ("channels", "nowhere", "there is no channel 'nowhere'"),
        ("severity", "loud", "expected one of"),
        ("updates", "sometimes", "expected"),
    ],
)
async def test_an_error_is_shown_at_its_field(
    client: Client, tmp_path: Path, field: str, value: str, said: str
) -> None:
    fields = {"sent": "1", "name": "New", "query": "talks", "at_least": "2", "quiet": "22:00-06:00"} | {
        field: value
    }
    page = await tree(await client.post("/alerts", data=fields), 422)
    (fault,) = page.cssselect(f"#{field}-fault")
    assert said in fault.text_content()
    (marked,) = page.cssselect(f"[aria-invalid][aria-describedby~='{field}-fault']")
    if marked.tag == "input":
        assert marked.get("value") == value
    assert (tmp_path / "alerts.toml").read_text() == FILE


async def test_a_fault_of_the_query_has_its_place(client: Client) -> None:
    fields = {"sent": "1", "name": "New", "query": "syria AND )x"}
    page = await tree(await client.post("/alerts", data=fields), 422)
    assert texts(page, "#query-fault pre mark") == [")"]
    piece = await tree(await client.get("/new/alert/trial", params={"query": "syria AND )x", "name": "a/b"}))
    assert texts(piece, "pre mark") == [")"]


async def test_an_alert_is_changed_and_its_comments_stay(client: Client, tmp_path: Path) -> None:
    page = await tree(await client.get("/alerts/Talks/edit"))
    fields = filled_in(page)
    assert (fields["query"], fields["throttle"]) == (['"peace talks"'], ["2h"])
    await tree(await client.post("/alerts/Talks", data=fields | {"throttle": "", "digest": "daily"}))
    kept = (tmp_path / "alerts.toml").read_text()
    assert kept.startswith("# ours\n")
    assert "# the desk's" in kept
    talks = AlertList(OwnFile(tmp_path / "alerts.toml")).tables()["Talks"]
    assert talks == {"name": "Talks", "query": '"peace talks"', "severity": "critical", "digest": "daily"}


async def test_a_change_in_between_is_reported_and_nothing_overwritten(
    client: Client, tmp_path: Path
) -> None:
    first, second = [filled_in(await tree(await client.get("/alerts/Talks/edit"))) for _ in range(2)]
    await tree(await client.post("/alerts/Talks", data=first | {"query": "mine"}))
    page = await tree(await client.post("/alerts/Talks", data=second | {"query": "yours"}), 409)
    assert load(tmp_path / "alerts.toml").alerts["Talks"].query == "mine"
    assert "changed in the meantime" in texts(page, ".fault")[0]
    assert "mine" in texts(page, ".conflict dd")
    again = filled_in(page)
    assert again["query"] == ["yours"]
    await tree(await client.post("/alerts/Talks", data=again))  # having seen both
    assert load(tmp_path / "alerts.toml").alerts["Talks"].query == "yours"
    page = await tree(await client.post("/alerts/Talks/remove", data={"version": second["version"]}), 409)
    assert "Talks" in load(tmp_path / "alerts.toml").alerts


async def test_an_alert_is_muted_unmuted_and_removed(client: Client, tmp_path: Path) -> None:
    page = await tree(await client.post("/alerts/Talks/mute", data={"for": "8"}))
    assert "muted until" in " ".join(texts(page, ".facts dd"))
    until = load(tmp_path / "alerts.toml").alerts["Talks"].muted_until
    assert until is not None
    assert timedelta(hours=7) < until - NOW < timedelta(hours=9)
    await tree(await client.post("/alerts/Talks/unmute"))
    assert load(tmp_path / "alerts.toml").alerts["Talks"].muted_until is None
    page = await tree(await client.post("/alerts/Talks/mute", data={"for": ""}))
    assert load(tmp_path / "alerts.toml").alerts["Talks"].muted
    await tree(await client.post("/alerts/Talks/mute", data={"for": "99"}), 400)
    version = filled_in(page, ".remove form")["version"]
    page = await tree(await client.post("/alerts/Talks/remove", data={"version": version}))
    assert texts(page, ".saved") == ["Removed 'Talks'."]
    await tree(await client.get("/alerts/Talks"), 404)
    await tree(await client.post("/alerts/Talks/mute", data={"for": ""}), 404)


async def test_history_says_why_and_what_is_held(client: Client, tmp_path: Path) -> None:
    wanted, enriched = parse('"peace talks"'), article(1, story="s1", title="<b>Bold</b>")
    mention = mention_of(enriched, wanted, prepare_enriched(enriched))
    fired = Fired(
        alert="Talks",
        story="s1",
        severity="info",
        at=NOW,
        touched=NOW,
        reason="the first article of its story",
        mention=mention,
        channels=("file",),
        message="s1",
    )
    waiting = Fired(
        alert="Talks",
        story="s2",
        severity="info",
        at=NOW,
        touched=NOW,
        reason="the first article of its story",
        mention=mention,
        channels=("file",),
    )
    records = [fired, waiting, Held(alert="Talks", mention=mention, at=NOW), Pace(alert="Talks", due=NOW)]
    key = alert_key("Talks", "s1", "file")
    told = Delivered(key=key, alert="Talks", channel="file", article="a", fired=NOW, delivered=NOW, seconds=1)
    settings = settings_in(tmp_path)
    with open_log(settings.config, settings.paths) as log:
        log.produce([Outgoing(ALERT_STATES.name, one.key, encode(one)) for one in records])
        log.produce([Outgoing(DELIVERIES.name, key, encode(told))])
    page = await tree(await client.get("/alerts/Talks"))
    assert len(page.cssselect(".fired")) == 2
    assert len(page.cssselect(".fired.held")) == 1
    assert texts(page, ".fired h3") == ["<b>Bold</b>"] * 2
    assert texts(page, ".fired mark")[0] == "peace talks"
    assert any("file: delivered" in one for one in texts(page, ".fired .by"))
    assert "held back until" in " ".join(texts(page, ".facts dd"))


async def test_a_channel_is_tried(client: Client, tmp_path: Path) -> None:
    page = await tree(await client.post("/channels/file/test"))
    assert texts(page, ".saved") == ["A test message was sent."]
    assert "This is a test" in (tmp_path / "alerts.jsonl").read_text()
    page = await tree(await client.post("/channels/gone/test"), 502)
    assert "NO_SUCH_VARIABLE" in texts(page, ".fault")[0]
    await tree(await client.post("/channels/nosuch/test"), 404)


async def test_a_file_broken_by_hand_is_reported_with_the_place(client: Client, tmp_path: Path) -> None:
    (tmp_path / "alerts.toml").write_text("[[alert]\n")
    page = await tree(await client.get("/alerts"))
    assert "alerts.toml: not valid TOML" in texts(page, ".fault")[0]


async def test_a_trial_is_bounded_while_a_person_waits(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_alerts, "_QUICK", 1)
    piece = await tree(await client.get("/new/alert/trial", params={"query": "talks"}))
    assert texts(piece, ".total")[0].startswith("1 message")
