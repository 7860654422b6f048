from pathlib import Path

import numpy as np
import pytest

from bench.make.news_forms import AGENCIES, forms, in_title_case
from bench.make.silver_texts import is_prose
from bench.make.train_entities import without_faint
from bench.material.entity_corpora import Marked, joined_texts, marked_line, marked_texts
from enrich.names.crf import Model


def _named(marked: Marked) -> list[tuple[str, str]]:
    return [(marked.text[start:end], kind) for start, end, kind in marked.names]


def test_names_of_a_marked_line_are_spans_of_its_text() -> None:
    marked = marked_line("<PERSON>Ada Vale</PERSON> left <LOCATION>Oslo</LOCATION> on <DATE>Friday</DATE>.")
    assert marked.text == "Ada Vale left Oslo on Friday."
    assert _named(marked) == [("Ada Vale", "person"), ("Oslo", "place")]


def test_an_empty_line_separates_marked_texts(tmp_path: Path) -> None:
    file = tmp_path / "marked.xml"
    file.write_text(
        "<ORGANIZATION>Vale Group</ORGANIZATION> sold a ship.\n<PERSON>Roe</PERSON> bought it.\n\nNothing else.\n\n",
        "utf-8",
    )
    first, second = marked_texts(file)
    assert first.text == "Vale Group sold a ship.\nRoe bought it."
    assert _named(first) == [("Vale Group", "organisation"), ("Roe", "person")]
    assert _named(second) == []


def test_features_that_decide_next_to_nothing_are_left_out() -> None:
    weights = np.array([[0.01, -0.02], [0.5, 0.0], [0.0, -0.4]], dtype=np.float32)
    model = Model(("O", "U-place"), {7: 0, 8: 1, 9: 2}, weights, np.zeros((2, 2), dtype=np.float32))
    kept = without_faint(model)
    assert {key: kept.weights[row].tolist() for key, row in kept.rows.items()} == {
        8: weights[1].tolist(),
        9: weights[2].tolist(),
    }


@pytest.mark.parametrize(
    ("line", "is_taught"),
    [
        ("The minister left Oslo for talks in Bergen on Friday.", True),
        ("Read more", False),
        ("Minister Leaves Oslo For Talks In Bergen", False),
        ("for name in names: name_of[name] = names[name] == {}", False),
    ],
)
def test_teachers_get_prose(line: str, is_taught: bool) -> None:
    assert is_prose(line) == is_taught


def test_lines_in_the_forms_of_agencies_keep_their_names() -> None:
    texts = [
        marked_line("<PERSON>Ada Vale</PERSON> met <PERSON>Jo Roe</PERSON> in <LOCATION>Oslo</LOCATION>."),
        joined_texts([marked_line("<LOCATION>Oslo</LOCATION> votes"), marked_line("Polls open at seven.")]),
        marked_line("The <ORGANIZATION>Vale Group</ORGANIZATION> sold a ship."),
    ]
    made = list(forms(texts * 40, ["Norway"]))
    assert made
    known = {"Ada Vale", "Jo Roe", "Oslo", "Norway", "Vale Group"}
    for one in made:
        for name, kind in _named(one):
            assert kind in ("person", "place", "organisation")
            assert name.casefold() in {word.casefold() for word in known} | {
                agency.casefold() for agency in AGENCIES
            }


def test_a_headline_in_title_case_has_small_words() -> None:
    assert (
        in_title_case("Talks on the port end in Oslo’s harbour") == "Talks on the Port End in Oslo’s Harbour"
    )
