"""Training texts with other names in them."""

import random

import pytest

from bench.make.train_elsewhere import as_ours
from bench.material import renaming
from bench.material.entity_corpora import Marked
from bench.material.renaming import Names, renamed

TEXT = "Ana Ruiz nació en Jaca y jugó en el Real Oviedo."
NAMES = ((0, 8, "person"), (18, 22, "place"), (36, 47, "organisation"))


@pytest.fixture(autouse=True)
def few_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        renaming, "names_of", lambda _: Names(("Eva", "Luis"), ("Prado", "Soler"), ("Burgos", "Lugo"))
    )


def test_only_names_change_and_their_marks_go_with_them() -> None:
    chance = random.Random(1)
    texts = {renamed(Marked(TEXT, NAMES), "es", chance) for _ in range(30)}
    assert len(texts) > 10
    for marked in texts:
        between, end = "", 0
        for start, stop, _ in marked.names:
            between += marked.text[end:start] + "_"
            end = stop
        assert between + marked.text[end:] == "_ nació en _ y jugó en el _."
        assert [kind for _, _, kind in marked.names] == ["person", "place", "organisation"]


def test_same_chance_gives_the_same_text() -> None:
    assert renamed(Marked(TEXT, NAMES), "es", random.Random(3)) == renamed(
        Marked(TEXT, NAMES), "es", random.Random(3)
    )


def test_teachers_names_lose_articles_and_what_is_no_name() -> None:
    marked = Marked(
        "la Tunisie | | et l’université de Sfax",
        ((0, 10, "place"), (11, 14, "organisation"), (20, 38, "organisation")),
    )
    assert [marked.text[start:end] for start, end, _ in as_ours(marked, "fr").names] == [
        "Tunisie",
        "université de Sfax",
    ]
