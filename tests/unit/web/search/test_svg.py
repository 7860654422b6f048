from datetime import UTC, datetime, timedelta

import msgspec

from index.counts import Stretch
from web.search.asked import Asked
from web.search.chart import Gap, chart
from web.search.svg import drawn

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def test_what_strangers_wrote_is_escaped_in_the_picture() -> None:
    stretch = Stretch(NOON, NOON + timedelta(days=1), 3, 0)
    found = chart([stretch], "day", Asked(q='"<b>" AND x'))
    assert found is not None
    dark = msgspec.structs.replace(found, gaps=(Gap(1.5, 20.0, "<i>dark</i>"),))
    picture = drawn(dark, linked=True)
    assert "<b>" not in picture
    assert "<title>&lt;i&gt;dark&lt;/i&gt;</title>" in picture
    assert "&amp;until=" in picture
    assert "href" not in drawn(dark, linked=False)
