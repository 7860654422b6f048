"""What alerts have sent, for `wirewatch alerts history` and `wirewatch show`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec
from rich.text import Text

from alerts.deliver import Delivered
from alerts.message import alert_key, edit_lines, reason_of
from alerts.state import Fired, Held, Pace
from stream.words import plural, span
from wirewatch.commands.render import marked
from wirewatch.commands.settings import Settings
from wirewatch.commands.times import clock
from wirewatch.topics import ALERT_STATES, DELIVERIES, open_log, remembered

Deliveries = Mapping[str, Delivered]
"""What was delivered, by the message's key."""


class Remembered(msgspec.Struct, frozen=True):
    """What the log remembers of alerts."""

    fired: list[Fired] = []
    """What was sent, or is held back; oldest first."""
    held: list[Held] = []
    spoke: Mapping[str, datetime] = {}
    """When an alert last spoke, by its name."""
    due: Mapping[str, datetime] = {}
    """When an alert tells what is held, by its name."""
    deliveries: Deliveries = {}


def read_past(settings: Settings) -> Remembered:
    """What the log remembers of alerts; nothing if there is no log yet. Works beside a running pipeline."""
    if not settings.config.kafka.bootstrap_servers and not settings.paths.log.exists():
        return Remembered()
    with open_log(settings.config, settings.paths, begins=False) as log:
        records = remembered(log, ALERT_STATES)
        delivered = {one.key: one for one in remembered(log, DELIVERIES)}
    paces = [one for one in records if isinstance(one, Pace)]
    return Remembered(
        fired=sorted((one for one in records if isinstance(one, Fired)), key=lambda one: (one.at, one.key)),
        held=[one for one in records if isinstance(one, Held)],
        spoke={one.alert: one.last for one in paces if one.last},
        due={one.alert: one.due for one in paces if one.due},
        deliveries=delivered,
    )


def firings(fired: Iterable[Fired]) -> int:
    """How often alerts spoke: one message may tell of several stories, and go to several channels."""
    return len({(one.alert, one.message) for one in fired if one.message})


def delivered_at(one: Fired, deliveries: Deliveries) -> dict[str, datetime | None]:
    """When a firing was delivered, by channel; None: not yet."""
    found = {channel: _delivery(one, channel, deliveries) for channel in one.channels}
    return {channel: done.delivered if done else None for channel, done in found.items()}


def lines_of(one: Fired, deliveries: Deliveries) -> Iterator[Text]:
    """A firing for a person."""
    mention = one.mention
    yield Text.assemble(
        (clock(one.at), "dim"), "  ", (one.alert, "green"), f"  [{one.severity}]  {mention.title}"
    )
    news = mention.source_news
    known = f"since {clock(news.since)}" if news else mention.article[:12]
    changed = edit_lines(mention, mention.edit)[2:] if mention.edit else []
    yield Text(f"      {known}  {mention.source}  {mention.url}", style="dim")
    yield from (Text(f"      {line}") for line in changed)
    if mention.sentence:
        yield Text.assemble("      ", marked(mention.sentence, mention.marks))
    place = (
        f" in the {mention.places[0].field}, character {mention.places[0].start}" if mention.places else ""
    )
    later = f"; {plural(one.also, 'more article')} of the story came later" if one.also else ""
    why = (
        ""
        if mention.edit
        else f"{'why' if news else 'matched'}: {news.reason if news else reason_of(mention)}{place}; "
    )
    yield Text(f"      {why}{one.reason}{later}", style="dim")
    yield Text(f"      {'; '.join(_told(one, channel, deliveries) for channel in one.channels)}", style="dim")


def _told(one: Fired, channel: str, deliveries: Deliveries) -> str:
    done = _delivery(one, channel, deliveries)
    if done:
        return f"{channel}: delivered {clock(done.delivered)}, after {span(done.seconds)}"
    return f"{channel}: {'not yet delivered' if one.message else 'held back'}"


def _delivery(one: Fired, channel: str, deliveries: Deliveries) -> Delivered | None:
    return deliveries.get(alert_key(one.alert, one.message, channel))
