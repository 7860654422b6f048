import lxml.html
import numpy as np
import pytest

from ingest.page.block_features import compare
from ingest.page.block_model import Model
from ingest.page.blocks import read_blocks
from ingest.page.chosen_lines import chosen_lines, with_chosen_lines

TEXT = "The envoy left.\nThe council met.\nThe army stayed."


def chosen(body: str, first: str, likelihood: dict[str, float], title: str = "") -> str:
    page = read_blocks(lxml.html.document_fromstring(f"<body>{body}</body>"))
    known = [likelihood.get(block.text, 0.9) for block in page.blocks]
    return chosen_lines(first, page, compare(page.blocks, first), known, title)


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


LINES = paragraphs(*TEXT.split("\n"))


def test_an_unlikely_line_is_dropped() -> None:
    assert chosen(LINES, TEXT, {"The council met.": 0.1}) == "The envoy left.\nThe army stayed."


def test_a_likely_block_is_added_at_its_place() -> None:
    assert chosen(LINES, "The envoy left.\nThe army stayed.", {}) == TEXT


def test_an_unlikely_block_is_not_added() -> None:
    assert chosen(LINES, "The envoy left.", {"The council met.": 0.2}) == "The envoy left.\nThe army stayed."


def test_a_line_that_is_not_a_block_stays_in_place() -> None:
    first = "The envoy left.\nFrom elsewhere.\nThe army stayed."
    assert chosen(LINES, first, {"The council met.": 0}) == first


def test_the_model_is_not_trusted_if_it_would_drop_the_article() -> None:
    assert chosen(LINES, TEXT, dict.fromkeys(TEXT.split("\n"), 0.0)) == TEXT


def test_the_headline_is_not_added() -> None:
    assert chosen(f"<h1>Forces  leave</h1>{LINES}", TEXT, {}, "Forces leave") == TEXT


def test_the_headline_before_the_text_is_dropped_with_everything_before_it() -> None:
    page = f"<ul><li>Sports</li></ul><h2>Forces leave</h2>{LINES}"
    assert chosen(page, f"Sports\nForces leave\n{TEXT}", {"Sports": 0.1}, "Forces leave") == TEXT


@pytest.mark.parametrize(
    "elsewhere",
    [
        "<div class=comments><p>I was there too.</p></div>",
        "<div id=cookie-consent><p>We and our partners store data.</p></div>",
        "<nav><p>All of the news</p></nav>",
        "<footer><p>The company is at home in the city.</p></footer>",
        "<form><p>Fill in the form, please.</p></form>",
        "<div hidden><p>Seen by nobody.</p></div>",
        "<p><a href=/>Another article with a long headline</a></p>",
        "<p>Read more: another article</p>",
        "<p>(function() { document.body }</p>",
        f"<p>{'PGRpdiBjbGFzcz0ic3A' * 5}</p>",
    ],
)
def test_nothing_is_added_from_places_without_articles(elsewhere: str) -> None:
    assert chosen(LINES + elsewhere, TEXT, {}) == TEXT


def test_an_empty_text_stays_empty() -> None:
    always = Model(np.zeros((1, 1), np.int64), np.ones((1, 1), np.float32), np.ones((1, 2), np.float32), 5.0)
    page = lxml.html.document_fromstring(f"<body>{LINES}</body>")
    assert with_chosen_lines("", page, "", "", always) == ""
    assert with_chosen_lines("The envoy left.", page, "", "", always) == TEXT
