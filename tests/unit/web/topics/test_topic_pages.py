"""The pages of topics, over a real topics.toml and a real archive."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from samples.alerts import article
from samples.documents import checked
from samples.page import Client, filled_in, page_over, texts, tree
from samples.settings import settings_in

from index.embedded.store import EmbeddedStore
from results.topics import TopicList
from stream.messages import TopicTag
from wirewatch.commands.page.topics import TopicEditor
from wirewatch.lists.topics import news_topics, tables

NOW = datetime.now(UTC)
FILE = """# ours
[[topic]]
id = "talks"  # of peace
name = "Talks"
query = "talks AND syria"
colour = "#112233"
parent = "world"

[[topic]]
id = "world"
name = "World"
query = '''
powers
OR geneva
'''
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    tag = TopicTag(topic="talks", name="Talks", clause="talks", spans=(), version="1")
    with EmbeddedStore.open(folder / "index", now=lambda: NOW) as store:
        for n in range(4):
            store.add(article(n, published=NOW - timedelta(days=n), topics=(tag,)))
        store.add(article(5, published=NOW - timedelta(days=200), topics=(tag,)))
        store.add(article(9, published=NOW, title="Truce <b>holds</b>", text="The truce holds."))
        store.flush()
    return folder / "index"


@pytest_asyncio.fixture
async def client(tmp_path: Path, archive: Path) -> AsyncIterator[Client]:
    (tmp_path / "topics.toml").write_text(FILE)
    (tmp_path / "index").symlink_to(archive)
    async with page_over(tmp_path) as made:
        yield made


async def test_the_list_has_counts_that_lead_to_the_articles(client: Client) -> None:
    page = await tree(await client.get("/topics"))
    assert texts(page, "tbody th") == ["Talks", "World"]
    (count, none) = page.cssselect("tbody td.number a")
    assert count.text == "4"
    assert none.text == "0"
    assert texts(await tree(await client.get(count.get("href"))), ".total")[0].startswith("4 articles")
    assert len(page.cssselect("svg.spark rect.f0")) == 4
    assert "World" in texts(page, "tbody td")


async def test_of_an_archive_that_gets_nothing_more_the_counts_lead_to_its_last_days(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text(FILE)
    tag = TopicTag(topic="talks", name="Talks", clause="talks", spans=(), version="1")
    with EmbeddedStore.open(tmp_path / "index", now=lambda: NOW) as store:
        for days in (400, 410, 600):
            store.add(article(days, published=NOW - timedelta(days=days), topics=(tag,)))
        store.flush()
    async with page_over(tmp_path) as client:
        page = await tree(await client.get("/topics"))
        count = page.cssselect("tbody td.number a")[0]
        assert count.text == "2"
        assert texts(await tree(await client.get(count.get("href"))), ".total")[0].startswith("2 articles")


async def test_a_form_reads_the_list_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    listed = TopicEditor.listed

    def counted(editor: TopicEditor) -> TopicList:
        nonlocal read
        read += 1
        return listed(editor)

    monkeypatch.setattr(TopicEditor, "listed", counted)
    for number, address in enumerate(("/new/topic?query=talks", "/topics/talks"), 1):
        await tree(await client.get(address))
        assert read == number


async def test_a_form_shows_what_would_be_gained_and_lost(client: Client) -> None:
    page = await tree(await client.get("/topics/talks"))
    assert texts(page, ".trial .total") == ["4 articles"]
    fields = filled_in(page)
    tried = fields | {"query": ["truce AND NOT munich"]}
    page = await tree(await client.get("/topics/talks", params=[(k, v[0]) for k, v in tried.items()]))
    assert texts(page, ".trial .total") == ["1 article: 1 gained, 4 lost"]
    assert texts(page, ".trial h3") == ["Gained", "Lost"]
    assert "Truce <b>holds</b>" in texts(page, ".sample a")
    assert len(page.cssselect(".trial svg rect.f1")) == 4
    piece = await tree(await client.get("/new/topic/trial", params={"query": "truce AND )", "of": "talks"}))
    assert texts(piece, "pre mark") == [")"]
    piece = await tree(await client.get("/new/topic/trial", params={"query": "topic:world"}))
    assert "can't use topics" in piece.text_content()


async def test_a_topic_is_changed_and_the_rest_stays_as_it_was_written(
    client: Client, tmp_path: Path
) -> None:
    fields = filled_in(await tree(await client.get("/topics/world")))
    assert fields["query"] == ["powers\nOR geneva"]
    page = await tree(await client.post("/topics/world", data=fields | {"name": "The world"}))
    assert "Saved" in texts(page, ".saved")[0]
    assert (tmp_path / "topics.toml").read_text() == FILE.replace('"World"', '"The world"')
    fields = filled_in(await tree(await client.get("/topics/talks")))
    sent = fields | {"query": "talks\r\nOR truce", "mention": "salient", "colour": "", "parent": ""}
    await tree(await client.post("/topics/talks", data=sent))
    written = (tmp_path / "topics.toml").read_text()
    assert '# ours\n[[topic]]\nid = "talks"  # of peace' in written
    assert "query = '''\ntalks\nOR truce\n'''" in written
    (talks, _) = news_topics(settings_in(tmp_path).paths)
    assert (talks.mention, talks.colour, talks.parent) == ("salient", "", "")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("query", "a AND (", "a word or a phrase is missing"),
        ("query", "topic:talks", "can't use topics"),
        ("query", "", "missing or empty"),
        ("id", "Not An Id", "expected lower-case letters"),
        ("id", "talks", "there is a topic of this id"),
        ("colour", "red", "expected a colour"),
        ("parent", "nowhere", "expected the id of another topic"),
        ("mention", "often", "expected 'any', or 'salient'"),
    ],
)
async def test_a_fault_stands_at_its_field(
    client: Client, tmp_path: Path, field: str, value: str, said: str
) -> None:
    fields = {"id": "new", "name": "New", "query": "truce"} | {field: value}
    page = await tree(await client.post("/topics", data=fields), 422)
    (fault,) = page.cssselect(f"#{field}-fault")
    assert said in fault.text_content()
    assert (tmp_path / "topics.toml").read_text() == FILE


async def test_a_change_in_between_is_reported_and_nothing_overwritten(
    client: Client, tmp_path: Path
) -> None:
    first, second = [filled_in(await tree(await client.get("/topics/talks"))) for _ in range(2)]
    await tree(await client.post("/topics/talks", data=first | {"query": "mine"}))
    page = await tree(await client.post("/topics/talks", data=second | {"query": "yours"}), 409)
    paths = settings_in(tmp_path).paths
    assert tables(paths)["talks"]["query"] == "mine"
    assert "mine" in texts(page, ".conflict dd")
    again = filled_in(page)
    assert again["query"] == ["yours"]
    await tree(await client.post("/topics/talks", data=again))
    assert tables(paths)["talks"]["query"] == "yours"
    await tree(await client.post("/topics/talks/remove", data={"version": second["version"]}), 409)


async def test_a_topic_is_removed_unless_others_are_a_part_of_it(client: Client, tmp_path: Path) -> None:
    for topic, status in (("world", 422), ("talks", 200)):
        version = filled_in(await tree(await client.get(f"/topics/{topic}")), ".remove form")["version"]
        page = await tree(await client.post(f"/topics/{topic}/remove", data={"version": version}), status)
    assert "Removed" in texts(page, ".saved")[0]
    assert list(tables(settings_in(tmp_path).paths)) == ["world"]
    await tree(await client.get("/topics/talks"), 404)


async def test_the_first_change_copies_the_bundled_topics(tmp_path: Path) -> None:
    async with page_over(tmp_path) as client:
        page = await tree(await client.get("/topics"))
        assert "come with wirewatch" in page.text_content()
        await tree(await client.post("/topics", data={"id": "own", "name": "Own", "query": "truce"}))
        page = await tree(await client.get("/topics"))
    assert "come with wirewatch" not in page.text_content()
    assert texts(page, "tbody th")[-1] == "Own"
    assert (tmp_path / "topics.toml").read_text().startswith("# The topics that every article")


async def test_the_api_does_the_same(client: Client, tmp_path: Path) -> None:
    listed = checked(await (await client.get("/api/v1/topics")).json())
    assert [one["id"] for one in listed["topics"]] == ["talks", "world"]
    table = {"id": "new", "name": "New", "query": "truce"}
    made = checked(await (await client.post("/api/v1/topics", json=table)).json())
    assert made["keys"] == table
    versioned = {"If-Match": f'"{made["version"]}"'}
    answer = await client.put("/api/v1/topics/new", json={"name": "N", "query": "a AND )"}, headers=versioned)
    told = await answer.json()
    assert (answer.status, told["parameter"], told["position"]) == (422, "query", 6)
    answer = await client.put("/api/v1/topics/new", json={"name": "N", "query": "war"}, headers=versioned)
    assert checked(await answer.json())["query"] == "war"
    assert (await client.delete("/api/v1/topics/new", headers=versioned)).status == 409
    assert (await client.put("/api/v1/topics/new", json={"name": "N"})).status == 400
    params = {"query": "truce", "of": "talks"}
    tried = checked(await (await client.get("/api/v1/topic-trial", params=params)).json())
    assert (tried["kept"], tried["gained"], tried["lost"]) == (4, 1, 0)
