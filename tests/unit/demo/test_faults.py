from typing import get_args

from demo.faults import Fault, damage_feed, outcome


def test_only_articles_without_a_readable_page_are_lost() -> None:
    lost = {fault for fault in get_args(Fault) if outcome(fault) == "quarantined"}

    assert lost == {"not-found", "pdf", "empty"}


def test_a_feed_is_damaged_in_all_three_ways() -> None:
    item = "<item><title>A &amp; B – C</title><link>x</link><description>long enough to be cut</description></item>"

    damaged = damage_feed(f"<rss><channel>{item}{item}</channel></rss>")

    whole = item.replace("&amp;", "&").replace("–", "&ndash;")
    assert damaged.startswith(
        f"<rss><channel>{whole}<item><title>A & B &ndash; C</title><link>x</link><description>long"
    )
    assert "cut" not in damaged.removeprefix(f"<rss><channel>{whole}")


def test_a_feed_without_items_breaks_off_too() -> None:
    feed = "<rss><channel><title>A</title><description>about it</description></channel></rss>"
    assert damage_feed(feed).startswith("<rss><channel><title>A</title><description>")
    assert "</channel>" not in damage_feed(feed)
