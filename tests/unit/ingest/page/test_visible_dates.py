import lxml.html
import pytest

from ingest.page.visible_dates import visible_date, written_day

HEADLINE = "<h1>The forces are to leave</h1>"


def seen(body: str) -> str:
    return visible_date(lxml.html.document_fromstring(f"<html><body>{body}</body></html>"))


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
