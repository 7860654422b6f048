from datetime import UTC, datetime

from results.entity import Companion, Entity, Pair
from web.entity.graph import HEIGHT, WIDTH, graph

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entity(companions: tuple[Companion, ...], pairs: tuple[Pair, ...] = ()) -> Entity:
    return Entity(
        name="A", id=None, type="person", others=(), query="", since=None, articles=9, stories=1, first=NOON, last=NOON,
        sampled=9, spellings=(), topics=(), sources=(), languages=(), companions=companions, pairs=pairs, over_time=(),
    )  # fmt: skip


FOUR = tuple(Companion(name, "place", number) for name, number in (("B", 9), ("C", 5), ("D", 3), ("E", 1)))


def test_the_same_data_give_the_same_picture_within_its_frame() -> None:
    made = graph(entity(FOUR))
    assert made == graph(entity(FOUR))
    assert all(0 < node.x < WIDTH and 0 < node.y < HEIGHT for node in made.nodes)
    assert made.nodes[0].radius > made.nodes[-1].radius
    assert len({(node.x, node.y) for node in made.nodes}) == 4


def test_who_is_named_together_stands_together_and_is_joined() -> None:
    made = graph(entity(FOUR, (Pair("B", "E", 4), Pair("C", "D", 1))))
    assert [node.companion.name for node in made.nodes] == ["B", "E", "C", "D"]
    assert [edge.is_own for edge in made.edges] == [False, True, True, True, True], (
        "a single article joins none"
    )


def test_a_name_that_is_a_person_and_a_place_is_drawn_once() -> None:
    made = graph(entity((Companion("B", "place", 3), Companion("B", "person", 2))))
    assert len(made.nodes) == 1


def test_long_names_are_cut_and_an_empty_graph_has_nothing() -> None:
    assert graph(entity((Companion("x" * 100, "person", 1),))).nodes[0].text.endswith("…")
    assert graph(entity(())).nodes == ()
