"""What the search page counts, from a real archive."""

from pathlib import Path

from msgspec.structs import replace
from samples.reading import article, enriched
from samples.settings import settings_in

from index.embedded.store import EmbeddedStore
from stream.clock import utc_now
from stream.messages import Enriched, Entity, Span
from web.search.asked import Asked, search_of
from web.search.view import view


def naming(number: int, *people: str) -> Enriched:
    report = article(f"https://wire.example/{number}", "Wire", " ".join(people), "News.", minutes=number)
    entities = tuple(Entity(name=name, type="person", id="", spans=(Span("title", 0, 3),)) for name in people)
    return replace(enriched(report), entities=entities)


def test_one_person_in_several_scripts_is_one_value(tmp_path: Path) -> None:
    asked = Asked()
    with EmbeddedStore.open(settings_in(tmp_path).paths.index) as store:
        for number, name in enumerate(["Ihor Terekhov", "Ihor Terekhov", "Игорь Терехов", "Anna Reed"]):
            store.add(naming(number, name))
        store.flush()
        people = view(store, asked, search_of(asked, utc_now()), {}).facets["person"]
    assert [(one.name, one.articles) for one in people] == [
        ("Ihor Terekhov · Игорь Терехов", 3),
        ("Anna Reed", 1),
    ]
    assert "OR" in people[0].include
    assert "OR" not in people[1].include
