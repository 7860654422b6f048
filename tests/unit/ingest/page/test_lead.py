import lxml.html
import pytest

from ingest.page.lead import with_lead

LEAD = "After five months of fighting the greater part of the troops is to go home, the president said in a speech."
BODY = "The announcement came as a surprise to the delegations that had gathered in Geneva for the first day of talks."


def led(before: str, description: str = "", headline: str = "<h1>Forces to leave</h1>") -> list[str]:
    page = lxml.html.document_fromstring(
        f"<html><body>{headline}{before}<article><p>{BODY}</p></article></body></html>"
    )
    return with_lead(BODY, page, description).split("\n")


@pytest.mark.parametrize(
    "before",
    [
        f"<p class=lead>{LEAD}</p>",
        f"<div class=article-intro><p>{LEAD}</p></div>",
        f"<header><h2 class='article__subTitle'>{LEAD}</h2></header>",
        f"<div class=teaser-text><div><p>{LEAD}</p></div></div>",
        f"<p class=standfirst>{LEAD} <a href=/x>More</a></p>",
    ],
)
def test_a_paragraph_that_is_named_a_lead_comes_first(before: str) -> None:
    assert led(before)[0].startswith(LEAD)
    assert led(before)[1:] == [BODY]


def test_a_paragraph_equal_to_the_pages_description_is_a_lead() -> None:
    assert led(f"<p class=x1>{LEAD}</p>", f"{LEAD[:70]}...") == [LEAD, BODY]
    assert led(f"<p class=x1>{LEAD}</p>", "Something else that is long enough to be compared with it") == [
        BODY
    ]


@pytest.mark.parametrize(
    "before",
    [
        "<p class=lead>By Ann Writer</p>",
        "<p class=intro>News for the region, every day, since 1848</p>",  # a slogan
        f"<p class=lead><a href=/x>{LEAD}</a></p>",  # another article's
        f"<p class=lead>{BODY}</p>",  # already there
        f"<p class=lead>{'x ' * 700}</p>",
        f"<p>{LEAD}</p>",
    ],
)
def test_other_paragraphs_are_not_leads(before: str) -> None:
    assert led(before) == [BODY]


def test_a_lead_is_between_headline_and_body() -> None:
    page = lxml.html.document_fromstring(
        f"<html><body><p class=lead>{LEAD}</p><h1>Forces to leave</h1><p>{BODY}</p><p class=lead>{LEAD}</p></body></html>"
    )
    assert with_lead(BODY, page, "") == BODY
    assert led(f"<p class=lead>{LEAD}</p>", headline="") == [BODY]
