import pytest

from enrich.names.coreference import Found, remembered
from enrich.names.gazetteer import Mention, Named
from query.match import Words


def part(text: str, *names: tuple[str, str, str]) -> Found:
    """A text in which these names (as written, type, id) were found where they first occur."""
    words = Words(text)
    mentions = []
    for written, kind, identifier in names:
        start = text.index(written)
        first = next(i for i, token in enumerate(words.tokens) if token.start >= start)
        last = next(i for i, token in enumerate(words.tokens) if token.end >= start + len(written)) + 1
        mentions.append(Mention(Named(written, kind, identifier), first, last))  # type: ignore[arg-type]
    return Found("text", words, mentions)


def known(found: Found, *, english: bool = True) -> list[tuple[str, str]]:
    """The mentions that count: as written in the text, and under which name."""
    (after,) = remembered([found], english=english)
    tokens, text = after.words.tokens, after.words.text
    return [(text[tokens[m.first].start : tokens[m.last - 1].end], m.named.name) for m in after.mentions]


def test_surname_means_the_person_named_in_full() -> None:
    found = part("Ann Stone came. Stone spoke; stone fell.", ("Ann Stone", "person", ""))
    assert known(found) == [("Ann Stone", "Ann Stone"), ("Stone", "Ann Stone")]


def test_name_is_found_again_where_it_was_missed() -> None:
    found = part("Quibo sells tea. Buyers like Quibo.", ("Quibo", "organisation", ""))
    assert known(found) == [("Quibo", "Quibo"), ("Quibo", "Quibo")]


def test_name_is_what_it_was_most_often_taken_for() -> None:
    words = Words("Quibo. Quibo. Quibo.")
    kinds = ("place", "organisation", "organisation")
    mentions = [Mention(Named("Quibo", kind), index, index + 1) for index, kind in enumerate(kinds)]  # type: ignore[arg-type]
    (after,) = remembered([Found("text", words, mentions)], english=True)
    assert {mention.named.type for mention in after.mentions} == {"organisation"}


def test_short_form_in_brackets_is_the_organisation() -> None:
    found = part(
        "The High Negotiations Committee (HNC) met. The HNC (Geneva) left.",
        ("High Negotiations Committee", "organisation", ""),
    )
    assert known(found) == [
        ("High Negotiations Committee", "High Negotiations Committee"),
        ("HNC", "High Negotiations Committee"),
        ("HNC", "High Negotiations Committee"),
    ]


def test_brackets_with_something_else_are_not_a_short_form() -> None:
    found = part(
        "The High Negotiations Committee (UN) met.", ("High Negotiations Committee", "organisation", "")
    )
    assert known(found) == [("High Negotiations Committee", "High Negotiations Committee")]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The UN Security Council met. Later the Council voted, and a Council fell.", 2),
        ("The UN Security Council met the Leeds City Council. Later the Council voted.", 2),
        ("The UN Security Council met. The council voted.", 1),
    ],
)
def test_head_stands_for_the_only_one_of_its_kind(text: str, count: int) -> None:
    names = [("UN Security Council", "organisation", "wikidata:Q37470")]
    if "Leeds" in text:
        names.append(("Leeds City Council", "organisation", ""))
    assert len(known(part(text, *names))) == count


def test_heads_and_short_forms_are_english() -> None:
    text = "The UN Security Council (UNSC) met. Later the Council voted."
    found = part(text, ("UN Security Council", "organisation", ""))
    assert known(found, english=False) == [("UN Security Council", "UN Security Council")]


def test_weak_mention_counts_if_the_full_name_occurs() -> None:
    words = Words("Kerry spoke.")
    weak = Mention(Named("John Kerry", "person"), 0, 1, weak=True)
    assert known(Found("text", words, [weak])) == []
    both = Words("Kerry spoke. John Kerry left.")
    full = Mention(Named("John Kerry", "person"), 2, 4)
    assert known(Found("text", both, [weak, full])) == [("Kerry", "John Kerry"), ("John Kerry", "John Kerry")]
