import lxml.html
import numpy as np
import pytest

from ingest.page.block_features import NAMES, compare, features
from ingest.page.blocks import Blocks, read_blocks

PAGE = (
    "<body><ul><li><a href=/>Home</a></li></ul><h1>Forces to leave</h1>"
    "<div class=text><p>The envoy left.</p><p>The council met, and voted.</p></div><p>The council met, and voted.</p></body>"
)


def found(body: str = PAGE) -> Blocks:
    return read_blocks(lxml.html.document_fromstring(body))


def column(page: Blocks, base: str, name: str, description: str = "") -> list[float]:
    rows = features(page, compare(page.blocks, base), description)
    return [round(float(value), 3) for value in rows[:, NAMES.index(name)]]


def test_each_block_has_a_row_of_finite_numbers() -> None:
    page = found()
    rows = features(page, compare(page.blocks, "The envoy left."), "")
    assert rows.shape == (5, len(NAMES))
    assert np.isfinite(rows).all()


def test_blocks_are_found_in_the_lines_of_the_first_reading() -> None:
    page = found()
    base = compare(page.blocks, "- The envoy  left.\nThe council met, and voted.\nelsewhere")
    assert base.held == [False, False, True, True, True]
    assert base.lines == [[2], [3, 4], []]


def test_a_line_may_consist_of_several_blocks() -> None:
    page = found("<body><div>First part<p>second part</p></div></body>")
    assert compare(page.blocks, "First part second part").lines == [[0, 1]]


def test_what_is_around_is_described() -> None:
    page = found()
    assert column(page, "The envoy left.", "held") == [0, 0, 1, 0, 0]
    assert column(page, "The envoy left.", "until held") == [2, 1, 0, 50, 50]
    assert column(page, "The envoy left.", "held at -1") == [-1, 0, 0, 1, 0]
    assert column(page, "The envoy left.", "repeated") == [0, 0, 0, 1, 1]
    assert column(page, "The envoy left.", "linked") == [1, 0, 0, 0, 0]


def test_a_block_that_repeats_the_description_is_known() -> None:
    page = found("<body><p>The envoy left the city on Monday, sources say.</p></body>")
    assert column(page, "", "is description", "The envoy left the city on Monday") == [1]


@pytest.mark.parametrize(
    "text",
    ["軍隊於週三離開該市並前往邊境地區的新營地。" * 3, "ทหารออกจากเมืองเมื่อวันพุธและเดินทางไปยังค่ายใหม่ที่ชายแดน" * 2],
)
def test_scripts_without_spaces_count_as_much_as_others(text: str) -> None:
    page = found(f"<body><p>{text}</p></body>")
    assert column(page, "", "length") == [len(text) * 2.5]


def test_many_lines_and_blocks_are_compared_in_bounded_time() -> None:
    page = found(f"<body>{'<p>x y</p>' * 5000}</body>")
    base = compare(page.blocks, "\n".join(f"x yz{number}" for number in range(5000)))
    assert not any(base.held)
