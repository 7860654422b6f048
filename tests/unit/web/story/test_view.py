from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from results.story import Report
from web.search.outlets import Outlet
from web.story.lanes import MARK, WIDTH, lanes, later
from web.story.view import country_of, own_reports, shares

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def report(
    key: str, source: str, minutes: int, copy_of: str | None = None, language: str | None = "en"
) -> Report:
    return Report(
        id=key, title=f"Title {key}", url=f"https://{source}.example/{key}", source=source, language=language,
        time=NOON + timedelta(minutes=minutes), copy_of=copy_of, adds=(),
    )  # fmt: skip


REPORTS = (
    report("a", "wire", 0),
    report("b", "post", 30, "a"),
    report("c", "wire", 60),
    report("d", "herald", 120, "a", None),
)


def test_each_outlet_has_a_lane_in_the_order_in_which_they_reported() -> None:
    found = lanes(REPORTS)
    assert [(lane.source, lane.behind, lane.own, lane.copies) for lane in found] == [
        ("wire", "", 2, 0),
        ("post", "+30 min", 0, 1),
        ("herald", "+2 h 0 min", 0, 1),
    ]
    assert [mark.x for mark in found[0].marks] == [0.0, (WIDTH - MARK) / 2]
    assert found[2].marks[0].x == WIDTH - MARK
    assert lanes(()) == []
    assert lanes(REPORTS[:1])[0].marks[0].x == 0.0


def test_own_reports_carry_their_copies() -> None:
    own = own_reports(REPORTS)
    assert [(one.report.id, [copy.id for copy in one.copies], one.is_first) for one in own] == [
        ("a", ["b", "d"], True),
        ("c", [], False),
    ]


def test_reports_spread_over_values_the_most_frequent_first() -> None:
    found = shares([(one.language or "", one) for one in REPORTS])
    assert [(one.value, one.reports, one.outlets) for one in found] == [("en", 3, 2), ("", 1, 1)]


@pytest.mark.parametrize(
    ("url", "country"),
    [
        ("https://www.zeitung.de/1", "DE"),
        ("https://news.example.co.uk/1", "GB"),
        ("https://wire.com/1", ""),
        ("https://commission.eu/1", ""),
        ("https://127.0.0.1/1", ""),
        ("http://[", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_the_country_of_an_outlet_is_that_of_the_list_or_else_of_its_address(url: str, country: str) -> None:
    one = msgspec.structs.replace(report("a", "wire", 0), url=url)
    assert country_of(one, {}) == country
    assert country_of(one, {"wire": Outlet(groups=("World",))}) == country
    assert country_of(one, {"wire": Outlet(country="fr"), "post": Outlet(country="it")}) == "FR"


def test_how_much_later_in_words() -> None:
    assert [later(seconds) for seconds in (0, 59, 60, 3600, 90_000, 86_400)] == [
        "", "", "+1 min", "+1 h 0 min", "+1 d 1 h", "+1 d",
    ]  # fmt: skip


def test_a_report_that_was_copied_very_often_has_the_first_copies() -> None:
    (own,) = own_reports((REPORTS[0], *(report(str(at), f"s{at}", at, "a") for at in range(1, 200))))
    assert (len(own.copies), own.copied, own.copies[0].id) == (50, 199, "1")
