import pytest
import trafilatura
from growth import work

from ingest.page.boxes import LONGEST, without_boxes


def left(body: str) -> str:
    """The text of a page that remains."""
    tree = trafilatura.load_html(f"<html><body class='newsletter'>{body}</body></html>")
    return " ".join(without_boxes(tree).text_content().split())


@pytest.mark.parametrize(
    "attributes",
    [
        "class=newsletter",
        "class='c-newsletter__box wide'",
        "class=newsletterSignup",
        "class=articleNewsletterBox",
        "id=related",
        "class='story_related'",
        "class=sign-up",
        "class=signup",
        "class='x' id='cookie-note'",
        "class=promo2",
        "class=AD-slot",
    ],
)
def test_a_box_is_known_by_a_word_of_its_class_or_id(attributes: str) -> None:
    assert left(f"One. <div {attributes}><p>Box.</p></div> Two.") == "One. Two."


@pytest.mark.parametrize(
    "attributes",
    [
        "class=shareholders",
        "class=unrelated",
        "class=badge",
        "class=adventure",
        "class=headline",
        "id=content",
        "data-x=newsletter",
        "",
    ],
)
def test_other_elements_stay(attributes: str) -> None:
    assert left(f"One. <div {attributes}><p>Box.</p></div> Two.") == "One. Box. Two."


@pytest.mark.parametrize(
    "inside",
    [
        "x" * (LONGEST + 1),
        "<h1>Title</h1>",
        "<main>Text</main>",
        "<p><article>Text</article>",
        "<div itemprop=articleBody>Text</div>",
        f"<p>{'word ' * 20}</p><p>{'word ' * 20}</p>",
    ],
)
def test_a_possible_article_is_not_a_box(inside: str) -> None:
    expected = left(inside)
    assert left(f"<div class=subscription>{inside}</div>") == expected != ""


def test_a_long_container_loses_only_the_small_boxes_in_it() -> None:
    text = "word " * LONGEST
    assert left(f"<div class=ads>{text}<p class=ads>Box.</p></div>") == text.strip()


def test_the_tree_that_is_given_stays_as_it_is() -> None:
    tree = trafilatura.load_html("<html><body><p class=share>Box.</p><p>One.</p></body></html>")
    assert without_boxes(tree).text_content() == "One."
    assert tree.text_content() == "Box.One."


def test_the_text_of_a_box_is_not_read_again_for_each_box_around_it() -> None:
    inner = "<p class=share>a</p>" * 18_000
    nested = "<div class=share>" * 140 + inner + "</div>" * 140
    assert work(lambda: left(nested)) < 3 * work(lambda: left(inner))
