"""The demo as a newcomer meets it: one command, then searching."""

from pathlib import Path
from typing import Any

import pytest
from acceptance.command import Wirewatch, demo_once

from results.json_schema import json_schema
from results.parts import Head


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Wirewatch:
    """The data folder that `wirewatch demo --once` leaves."""
    return demo_once(tmp_path_factory.mktemp("demo"))


def test_a_hit_has_all_promised_fields(gathered: Wirewatch) -> None:
    page = gathered.ask("search", '"peace talks" OR xylophonist', "--limit", "5")
    assert (page["query"]["understood"], page["limit"]) == ('("peace talks" OR xylophonist)', 5)
    assert len(page["hits"]) == page["next_offset"] == 5 < page["total"]
    assert (page["coverage"]["sources"], page["coverage"]["heard"]) == (12, 12)
    for hit in page["hits"]:
        assert hit["clause"] == '"peace talks"'
        assert hit["title_marks"] or hit["snippet"]["marks"]
        assert set(hit["article"]) == set(json_schema(Head)["properties"]) - {"kibana"}  # there is none
    rest = gathered.ask("search", '"peace talks" OR xylophonist', "--offset", "5")
    assert (rest["next_offset"], len(rest["hits"])) == (None, page["total"] - 5)
    assert any(head["authors"] for head in gathered.search())


def test_few_hits_come_with_suggestions_of_other_forms(gathered: Wirewatch) -> None:
    page = gathered.ask("search", "negotiatio")
    assert (page["total"], page["suggestions"][-1]["query"]) == (0, "negotiatio*")
    for near in page["suggestions"]:
        assert near["total"] == len(gathered.search(near["query"])) > 0
    assert "negotiatio* would find" in gathered.run("search", "negotiatio").stdout
    tested = gathered.ask("alerts", "test", "negotiatio", "--since", "2016-01-01")
    assert tested["suggestions"] == page["suggestions"]
    assert not gathered.ask("search", "peace")["suggestions"]


def test_a_search_is_counted_by_fields_and_over_time(gathered: Wirewatch) -> None:
    counts = gathered.ask("search", "syria", "--count", "topic,language", "--by", "day", "--limit", "2")
    heads = gathered.search("syria")
    assert counts["articles"] == len(heads)
    assert counts["stories"] == len({head["story"] for head in heads})
    topics, languages = counts["fields"]
    assert (topics["by"], len(topics["values"]), languages["by"]) == ("topic", 2, "language")
    of_topic = [
        head for head in heads if topics["values"][0]["value"] in {one["id"] for one in head["topics"]}
    ]
    assert topics["values"][0]["articles"] == len(of_topic)
    assert sum(one["articles"] for one in counts["over_time"]) == len(heads)
    told = gathered.run("search", "syria", "--count", "language", "--by", "month").stdout
    assert "language  articles  stories" in told
    assert "2016-03" in told
    assert f"{len(heads)} articles in {counts['stories']} stories." in told


def test_what_cant_be_counted_is_reported(gathered: Wirewatch) -> None:
    assert "No articles match." in gathered.run("search", "xylophonist", "--count", "topic").stdout
    assert "did you mean 'source'?" in gathered.run("search", "--count", "sorce", code=2).stderr
    assert "at most 999 can be counted" in gathered.run("search", "--by", "hour", code=2).stderr
    assert "--jsonl prints articles" in gathered.run("search", "--by", "day", "--jsonl", code=2).stderr


def test_lines_are_the_hits_alone(gathered: Wirewatch) -> None:
    lines = gathered.lines("search", '"peace talks"', "--limit", "5")
    assert lines == gathered.ask("search", '"peace talks"', "--limit", "5")["hits"]
    nothing = gathered.run("search", "xylophonist", "--jsonl")
    assert not nothing.stdout
    assert "12 of 12 feeds answered" in nothing.stderr


def test_json_names_the_dark_sources(gathered: Wirewatch, tmp_path: Path) -> None:
    feeds = tmp_path / "feeds.opml"
    outline = '<outline type="rss" text="Night Wire" xmlUrl="http://night-wire.example/rss"/>'
    feeds.write_text(gathered.feeds.read_text().replace("</body>", f"{outline}</body>"))
    page = Wirewatch(gathered.data, gathered.config, feeds).ask("search", "xylophonist topic:siria")
    assert (page["total"], page["hits"], page["next_offset"]) == (0, [], None)
    assert (page["coverage"]["sources"], page["coverage"]["heard"]) == (13, 12)
    assert [(one["name"], one["status"]) for one in page["coverage"]["dark"]] == [("Night Wire", "unpolled")]
    (warning,) = page["warnings"]
    assert (warning["kind"], warning["position"]) == ("never", 18)
    assert "did you mean syria?" in warning["message"]


@pytest.mark.parametrize(
    ("asked", "kind", "position"),
    [
        (("search", "a (b"), "query", 2),
        (("search", "a", "--limit", "0"), "usage", None),
        (("show", "nosuch"), "configuration", None),
    ],
)
def test_json_says_what_went_wrong(
    gathered: Wirewatch, asked: tuple[str, ...], kind: str, position: int | None
) -> None:
    error = gathered.ask(*asked, code=2)
    assert error["schema"] == "wirewatch/error/1"
    assert (error["kind"], error["position"]) == (kind, position)
    assert error["message"]


def test_filters_narrow_and_sorting_sorts(gathered: Wirewatch) -> None:
    everything = gathered.search()
    syria = gathered.search("--topic", "syria")
    assert 0 < len(syria) < len(everything)
    assert all("syria" in topics_of(hit) for hit in syria)
    german = gathered.search("--lang", "de")
    assert german
    assert {hit["language"] for hit in german} == {"de"}
    source = everything[0]["source"]
    assert {hit["source"] for hit in gathered.search("--source", source.upper())} == {source}
    march = gathered.search("--since", "2016-03-01", "--until", "2016-04-01", "--sort", "oldest")
    dates = [hit["published"] for hit in march]
    assert dates == sorted(dates)
    assert all(date.startswith("2016-03") for date in dates)


def test_a_person_sees_headlines_and_words_around_the_match(gathered: Wirewatch) -> None:
    shown = gathered.run("search", '"peace talks"', "--limit", "3").stdout
    assert "1-3 of" in shown
    assert "\x1b" not in shown, "no colours into a pipe"


def test_no_hits_says_how_many_sources_answered(gathered: Wirewatch) -> None:
    shown = gathered.run("search", "xylophonist").stdout
    assert "No articles match." in shown
    assert "Understood as: " in shown
    assert "feeds answered when last polled" in shown


def test_no_hits_suggests_other_queries(gathered: Wirewatch) -> None:
    assert "no topic is called siria: did you mean syria?" in gathered.run("search", "topic:siria").stdout
    said = gathered.run("search", "truce", "--topic", "siria", code=2).stderr
    assert "no topic is called 'siria'; did you mean 'syria'?" in said


def test_a_period_after_the_newest_article_is_named(gathered: Wirewatch) -> None:
    said = gathered.run("search", "truce", "--since", "7d").stdout
    assert "The newest article in the archive was published on" in said
    assert "2016; --since 7d begins on" in said


def test_a_list_is_not_folded_in_a_pipe(gathered: Wirewatch) -> None:
    listed = gathered.run("feeds", "list").stdout
    assert "http://meridian-post.example" in listed
    assert all(url.count(".example") == 1 for url in listed.splitlines()[1:13])


def test_show_explains_each_tag_with_its_spans(gathered: Wirewatch) -> None:
    hit = next(hit for hit in gathered.search('"peace talks"') if "syria" in topics_of(hit))
    shown = gathered.run("show", hit["id"][:10]).stdout
    assert hit["title"] in shown
    assert "matched:" in shown
    assert "Read as" in shown
    assert "published" in shown
    article = gathered.ask("show", hit["id"])
    assert {
        name: article[name] for name in ("id", "url", "title", "authors", "published", "seen", "story")
    } == {name: hit[name] for name in ("id", "url", "title", "authors", "published", "seen", "story")}
    assert (
        article["seen"]
        <= article["fetched"]
        <= article["extracted"]
        <= article["enriched"]
        <= article["indexed"]
    )
    assert [tag["id"] for tag in article["topics"]] == topics_of(hit)
    for tag in article["topics"] + article["entities"]:
        assert tag["spans"]
        for span in tag["spans"]:
            assert article[span["field"]][span["start"] : span["end"]].strip()
    assert any(entity["salient"] for entity in article["entities"])
    assert article["extraction"]["text_is_from"] == "page"


def topics_of(head: dict[str, Any]) -> list[str]:
    return [topic["id"] for topic in head["topics"]]


def test_status_says_what_was_done_and_what_failed(gathered: Wirewatch) -> None:
    status = gathered.status()
    assert status["articles"] == len(gathered.search())
    assert [stage["stage"] for stage in status["stages"]] == [
        "backfill",
        "fetch",
        "extract",
        "enrich",
        "reread",
        "relate",
        "index",
        "alert",
        "deliver",
    ]
    assert all(stage["lag"] == 0 for stage in status["stages"])
    assert all(stage["done"] > 60 for stage in status["stages"] if stage["stage"] != "deliver")
    kinds = {pile["kind"] for pile in status["quarantine"]}
    assert {"http-404", "not-html"} <= kinds
    text = gathered.run("status").stdout
    assert "articles in the archive" in text
    assert "http-404" in text


def test_the_quarantine_names_each_page_with_its_reason(gathered: Wirewatch) -> None:
    listed = gathered.run("quarantine", "list").stdout
    assert "http-404" in listed
    assert "http://" in listed
    rows = gathered.ask("quarantine", "list")["messages"]
    assert gathered.ask("quarantine", "show", rows[0]["id"])["dead"] == rows[0]
    shown = gathered.run("quarantine", "show", rows[0]["id"]).stdout
    assert rows[0]["reason"].splitlines()[0] in shown


def test_a_replay_replaces_and_does_not_duplicate(gathered: Wirewatch) -> None:
    before = {hit["id"]: topics_of(hit) for hit in gathered.search()}
    for stage in ("extract", "index"):  # the longest path over stored data, and the shortest
        gathered.run("replay", "--from", stage)
    assert {hit["id"]: topics_of(hit) for hit in gathered.search()} == before


def test_entities_are_found_by_name_and_by_id(gathered: Wirewatch) -> None:
    by_name, by_id = gathered.search('entity:"Staffan de Mistura"'), gathered.search('entity:"iso3166:SY"')
    assert by_name
    assert {hit["id"] for hit in by_id} == {hit["id"] for hit in gathered.search("entity:syria")}
    syria = next(one for one in by_id[0]["entities"] if one["name"] == "Syria")
    assert (syria["type"], syria["id"]) == ("place", "iso3166:SY")
    assert syria["count"] >= 1


def test_own_names_and_a_new_topic_are_found_in_the_archive(gathered: Wirewatch, tmp_path: Path) -> None:
    """The last test, because it changes the archive."""
    (tmp_path / "desk.csv").write_text("name,aliases,type,id\nThornby,Little Thornby,place,desk:7\n")
    (tmp_path / "topics.toml").write_text(
        '[[topic]]\nid = "envoys"\nname = "Envoys"\nquery = "envoy"\ndescription = "Envoys of any kind."\n'
    )
    (tmp_path / "wirewatch.toml").write_text(
        '[entities]\ngazetteer = "desk.csv"\nmodel = "gazetteer"\n[topics]\nfile = "topics.toml"\n'
    )
    ours = Wirewatch(gathered.data, tmp_path / "wirewatch.toml", gathered.feeds)
    ours.run("replay", "--from", "enrich")
    found = ours.search("entity:thornby")
    assert {hit["id"] for hit in found} == {hit["id"] for hit in ours.search("thornby")}
    assert found
    assert {hit["id"] for hit in found} == {hit["id"] for hit in ours.search('entity:"desk:7"')}
    tagged = ours.search("--topic", "envoys")
    assert tagged
    assert {hit["id"] for hit in tagged} == {hit["id"] for hit in ours.search("envoy")}
