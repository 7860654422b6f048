from datetime import timedelta

import pytest
from samples.alerts import NOW, alert, mention

from alerts.channels.definitions import BUILT_IN, Channel, File
from alerts.definitions import Definitions
from alerts.deliver import REMEMBERED, Delivered, Deliverer, Send
from alerts.message import Alert
from stream.errors import Reject, RetryLater
from stream.stage import Forget, Topic

RECORD = Topic("deliveries", Delivered, compacted=True)


class Desk:
    """A channel that may be down, and a clock."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.down = False
        self.made: list[Channel] = []
        self.remembered: list[Delivered] = []
        self.channels: dict[str, Channel] = {**BUILT_IN, "desk": File("a")}
        self.broken: dict[str, str] = {}
        self.now = NOW + timedelta(seconds=2)

    def sender(self, channel: Channel) -> Send:
        self.made.append(channel)

        async def send(alert: Alert) -> None:
            if self.down:
                raise RetryLater("channel-down", "nobody there")
            self.taken.append(alert.key)

        return send

    def deliverer(self) -> Deliverer:
        made = Deliverer(
            lambda: Definitions({}, self.channels, self.broken),
            self.sender,
            lambda: self.remembered,
            RECORD,
            lambda: self.now,
        )
        made.reload()
        return made


async def test_an_alert_is_delivered_once_and_that_is_recorded() -> None:
    desk = Desk()
    deliver = desk.deliverer()
    (done,) = await deliver(alert())
    assert await deliver(alert()) == []
    assert desk.taken == [alert().key]
    assert (done.key, done.channel, done.seconds) == (alert().key, "desk", 2.0)
    deliver.reload()  # a partition went and came back before the log had the record
    assert await deliver(alert()) == []
    desk.remembered = [done]
    assert await desk.deliverer()(alert()) == []
    assert desk.taken == [alert().key]


async def test_a_channel_that_is_down_is_retried() -> None:
    desk = Desk()
    deliver, desk.down = desk.deliverer(), True
    with pytest.raises(RetryLater):
        await deliver(alert())
    desk.down = False
    assert len(await deliver(alert())) == 1


async def test_a_removed_channel_is_not_a_bug() -> None:
    with pytest.raises(Reject, match="no channel 'gone'"):
        await Desk().deliverer()(alert(channel="gone"))


async def test_a_changed_channel_is_recreated() -> None:
    desk = Desk()
    deliver = desk.deliverer()
    await deliver(alert(1))
    await deliver(alert(2))
    desk.channels = {"desk": File("b")}
    await deliver(alert(3))
    assert desk.made == [File("a"), File("b")]


async def test_the_wait_for_a_digest_is_not_counted_as_delay() -> None:
    (done,) = await Desk().deliverer()(alert(mentions=(mention(1), mention(2))))
    assert done.seconds == 1.0


async def test_old_deliveries_are_forgotten() -> None:
    desk = Desk()
    deliver = desk.deliverer()
    await deliver(alert())
    assert await deliver.tick() == []
    desk.now += REMEMBERED + timedelta(hours=2)
    assert await deliver.tick() == [Forget(RECORD, alert().key)]


async def test_alerts_for_a_broken_channel_wait_with_a_reason_and_others_are_delivered() -> None:
    desk = Desk()
    desk.broken = {"mail": "key 'url': there is no environment variable MAIL_URL"}
    deliverer = desk.deliverer()
    with pytest.raises(
        RetryLater, match="channel mail: key 'url': there is no environment variable MAIL_URL"
    ):
        await deliverer(alert(channel="mail"))
    assert await deliverer(alert())
    desk.channels, desk.broken = {**desk.channels, "mail": File("b")}, {}
    assert await deliverer(alert(channel="mail"))
    assert desk.taken == ["talks|1|desk", "talks|1|mail"]
