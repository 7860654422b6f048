import lxml.html
import pytest

from ingest.page.visible_dates import visible_date, written_day

HEADLINE = "<h1>The forces are to leave</h1>"


def seen(body: str, title: str = "") -> str:
    return visible_date(lxml.html.document_fromstring(f"<html><body>{body}</body></html>"), title)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2016-03-14", "2016-03-14"),
        ("Stand: 14.03.2016 18:02 Uhr", "2016-03-14"),
        ("14. März 2016", "2016-03-14"),
        ("Monday, March 14, 2016", "2016-03-14"),
        ("14th March 2016", "2016-03-14"),
        ("le 14 mars 2016 à 18h", "2016-03-14"),
        ("14 de marzo de 2016", "2016-03-14"),
        ("14 марта 2016", "2016-03-14"),
        ("14 березня 2016", "2016-03-14"),
        ("14 marca 2016", "2016-03-14"),
        ("١٤ مارس ٢٠١٦", "2016-03-14"),
        ("2016年3月14日", "2016-03-14"),
        ("14.3.16", "2016-03-14"),
        ("03/04/2016", ""),  # March or April?
        ("14 players 2016", ""),
        ("Tel. 14.03.20161", ""),
        ("", ""),
    ],
)
def test_dates_as_people_write_them(text: str, day: str) -> None:
    assert written_day(text) == day


@pytest.mark.parametrize(
    "body",
    [
        f"{HEADLINE}<p>By Ann Writer</p><p>14 March 2016</p>",
        f"<div><span>14 March 2016</span></div><div>{HEADLINE}</div>",
        f"{HEADLINE}<time datetime='2016-03-14T18:05:00Z'>yesterday</time>",
        f"{HEADLINE}<p>Updated 16 March 2016</p><p>14 March 2016</p>",
    ],
)
def test_the_date_beside_the_headline(body: str) -> None:
    assert seen(body) == "2016-03-14"


@pytest.mark.parametrize(
    "body",
    [
        f"{HEADLINE}<p>The talks, which had begun on 14 March 2016 {'after long preparations ' * 4}, were suspended.</p>",
        f"{HEADLINE}{'<p>More text.</p>' * 40}<p>14 March 2016</p>",
        f"{HEADLINE}<p>Release: 14.03.2016</p>",
        "<p>14 March 2016</p>",
        f"{HEADLINE}<script>14 March 2016</script>",
    ],
    ids=["in a sentence", "far away", "of something else", "no headline", "in a script"],
)
def test_other_dates_are_not_the_articles(body: str) -> None:
    assert seen(body) == ""


@pytest.mark.parametrize(
    "elsewhere",
    [
        '<aside class="related"><ul><li><a href="/o">Old story</a> <span>12 March 2019</span></li></ul></aside>',
        '<div class="agenda"><h3>Agenda</h3><p>3 December 2025</p></div>',
        '<div class="comments"><p>Bo wrote on</p><time datetime="2019-03-12">12 March 2019</time></div>',
        "<footer><p>12 March 2019</p></footer>",
        "<p>The accord of 12 March 2019 holds.</p>",
        '<div id="more-news"><p>12 March 2019</p></div>',
        "<table><tr><td>12 March 2019</td></tr></table>",
    ],
)
def test_a_date_of_something_else_is_not_the_pages(elsewhere: str) -> None:
    body = f"<h1>Board agrees to dredge the channel</h1><p>The board met on Friday.</p>{elsewhere}"
    assert visible_date(lxml.html.document_fromstring(f"<html><body>{body}</body></html>")) == ""


@pytest.mark.parametrize(
    "line",
    [
        "Published on 12 March 2019.",
        "12 March 2019",
        "12 March 2019, Ann Lee",
        "Posted by Ann Lee, 12 March 2019.",
    ],
)
def test_a_day_with_its_label_is_the_pages(line: str) -> None:
    body = f"<h1>Board agrees to dredge the channel</h1><p>{line}</p><p>The board met on Friday.</p>"
    assert visible_date(lxml.html.document_fromstring(f"<html><body>{body}</body></html>")) == "2019-03-12"


def test_the_headline_is_the_heading_with_the_title() -> None:
    body = "<h1>The old Harbour Post</h1>" + "<p>x</p>" * 40 + "<h2>Forces to leave</h2><p>14 March 2016</p>"
    assert seen(body, "Forces to leave") == "2016-03-14"
    assert seen(body) == ""


def test_an_icon_without_a_calendar_is_not_a_date() -> None:
    assert seen(f"<div><i class=icon-calendar></i> 14.03.2016</div>{HEADLINE}") == "2016-03-14"


@pytest.mark.parametrize(
    ("foot", "day"),
    [
        ("<p>Published on 14 March 2016</p>", "2016-03-14"),
        ("<p><span>Erschienen am</span> <time datetime=2016-03-14>14. März</time></p>", "2016-03-14"),
        ("<p>Mise en ligne</p><p>14 mars 2016</p>", "2016-03-14"),
        ("<p>Published on 14 March 2016</p><p>Published on 15 March 2016</p>", ""),
        ("<p>It was published on 14 March 2016</p>", ""),
        ("<p>(Stand vom 14.03.2016)</p>", ""),
        ("<p>© Published 14 March 2016</p>", ""),
        ("<footer>Published on 14 March 2016</footer>", ""),
        ("<div class=reviews><p>Published on 14 March 2016</p></div>", ""),
    ],
)
def test_the_only_day_after_a_label(foot: str, day: str) -> None:
    assert seen(HEADLINE + "<p>More text.</p>" * 40 + foot) == day


@pytest.mark.parametrize(
    ("box", "day"),
    [
        ("<footer class=entry-footer><p>Publié le 14 mars 2016</p></footer>", "2016-03-14"),
        ("<footer><p>نشر في 14 مارس 2016</p></footer>", "2016-03-14"),
        ("<aside class=meta><p>Опубликовано</p><p>14.03.2016</p></aside>", "2016-03-14"),
        ("<footer><p>14 March 2016</p></footer>", ""),
        ("<footer>© Published 14 March 2016</footer>", ""),
        ("<aside class=related><p>Published on 14 March 2016</p></aside>", ""),
        ("<aside><p>Published on 14 March 2016</p><p>Published on 15 March 2016</p></aside>", ""),
        ("<article><footer>Published on 14 March 2016</footer></article>", ""),
        ("</article><footer>Published on 14 March 2016</footer><article>", ""),
    ],
)
def test_a_label_counts_in_the_articles_own_footer_or_aside(box: str, day: str) -> None:
    assert seen(f"<article>{HEADLINE}{'<p>More text.</p>' * 40}{box}</article>") == day


@pytest.mark.parametrize(
    "line",
    [
        "Atualizado em 14/03/2016",
        "Zaktualizowano 14 marca 2016",
        "Bijgewerkt op 14 maart 2016",
        "آخر تحديث 14 مارس 2016",
        "Изменено 14 марта 2016",
        "Оновлено 14 березня 2016",
        "Güncelleme: 14 Mart 2016",
        "עודכן ב-14 במרץ 2016",
    ],
)
def test_a_day_of_change_is_not_that_of_publication(line: str) -> None:
    assert seen(f"{HEADLINE}<p>{line}</p>") == ""


def test_the_language_of_the_page_tells_day_from_month() -> None:
    page = lxml.html.document_fromstring(
        f"<html><body>{HEADLINE}<p>postado em 04/03/2016 05:49</p></body></html>"
    )
    assert visible_date(page, "", "pt") == "2016-03-04"
    assert visible_date(page) == ""


def test_news_of_the_day_is_no_change() -> None:
    """`Actualités` begins as `actualisé` does."""
    assert seen(f"{HEADLINE}<p>Actualités | 14 mars 2016</p>") == "2016-03-14"


def test_a_line_may_tell_of_publication_first_and_of_changes_then() -> None:
    line = "postado em 14/03/2016 05:49 / atualizado em 15/03/2016 05:50"
    assert seen(f"{HEADLINE}<p>{line}</p>") == "2016-03-14"
    assert seen(f"{HEADLINE}<p>Updated 15 March 2016, first published 14 March 2016</p>") == ""


def test_a_headline_need_not_be_a_heading() -> None:
    title = "The forces are to leave"
    before = (
        "<div>Minutes of the last meeting, 1.2.2016</div><p>The council has met again, as it does each month.</p>"
        * 20
    )
    body = f"{before}<div class='title'>{title}</div><div>14.03.2016 11:35</div><p>The forces are to leave by May.</p>"
    assert seen(body, title) == "2016-03-14"
    assert seen(body) == ""
    assert seen(f"{body}<p>Published: 13 March 2016</p>", title) == "2016-03-13"  # a label says more


def test_the_day_in_an_address_is_another_pages() -> None:
    assert (
        seen(f"{HEADLINE}<p>https://elsewhere.example/2016/03/13/report</p><p>14 March 2016</p>")
        == "2016-03-14"
    )
