"""The state to keep between articles and across restarts: records of a compacted topic of the log."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from alerts.definitions import Severity
from alerts.message import Mention
from alerts.updates import Seen


class Judged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An article was matched against the alerts of its day, and never will be again, whatever is replayed."""

    article: str
    seen: datetime

    @property
    def key(self) -> str:
        """One per article."""
        return f"judged|{self.article}"


class Counted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An article counts towards an alert that needs several."""

    alert: str
    mention: Mention
    at: datetime

    @property
    def key(self) -> str:
        """One per alert and article."""
        return f"counted|{self.alert}|{self.mention.article}"


class Fired(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An alert reported a story, or is about to, and will not again."""

    alert: str
    story: str
    """The story; the article, if the alert fires for each; for a source, what happened to it and since when."""
    severity: Severity
    at: datetime
    touched: datetime
    """When the last article of the story matched; or, to within a day, when the source was last found in this state."""
    reason: str
    mention: Mention
    channels: tuple[str, ...]
    message: str = ""
    """The story in the key of the message that reports it, since one may report several. '' while it is held back."""
    also: int = 0
    """Articles of the story that matched later."""
    seen: Seen = Seen()
    """What has come in on the story, for updates."""

    @property
    def key(self) -> str:
        """One per alert and story."""
        return f"fired|{self.alert}|{self.story}"


class Held(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An alert that fired and waits: for the digest, or for the end of quiet hours or of a throttle."""

    alert: str
    mention: Mention
    at: datetime

    @property
    def key(self) -> str:
        """One per alert and article, or per event of a source."""
        return f"held|{self.alert}|{self.mention.key}"


class Pace(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """When an alert was last sent, and when its held-back articles are due."""

    alert: str
    last: datetime | None = None
    due: datetime | None = None

    @property
    def key(self) -> str:
        """One per alert."""
        return f"pace|{self.alert}"


class Watermark(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """When alerting started on a log that already had articles: those seen before are not news."""

    since: datetime | None = None

    @property
    def key(self) -> str:
        """There is only one."""
        return "watermark"


Record = Judged | Counted | Fired | Held | Pace | Watermark


class State:
    """The records, indexed by what they are about."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.watermark: Watermark | None = None
        self.judged: dict[str, Judged] = {}
        self.fired: dict[tuple[str, str], Fired] = {}
        self.told: dict[str, set[tuple[str, str]]] = {}
        """By article, the keys in `fired` of the alerts on it."""
        self.counted: dict[str, dict[str, Counted]] = {}
        self.held: dict[str, dict[str, Held]] = {}
        self.paces: dict[str, Pace] = {}
        for record in sorted(records, key=_age):
            self.put(record)

    def copy(self) -> "State":
        """A copy of the state with the same records."""
        other = State()
        other.watermark = self.watermark
        other.judged, other.fired, other.paces = dict(self.judged), dict(self.fired), dict(self.paces)
        other.told = {article: set(keys) for article, keys in self.told.items()}
        other.counted = {alert: dict(counted) for alert, counted in self.counted.items()}
        other.held = {alert: dict(held) for alert, held in self.held.items()}
        return other

    def put(self, record: Record) -> None:
        """Store a record, replacing the one with its key."""
        match record:
            case Judged(article=article):
                self.judged[article] = record
            case Fired(alert=alert, story=story, mention=mention):
                self.fired[alert, story] = record
                self.told.setdefault(mention.article, set()).add((alert, story))
            case Counted(alert=alert, mention=mention):
                self.counted.setdefault(alert, {})[mention.article] = record
            case Held(alert=alert, mention=mention):
                self.held.setdefault(alert, {})[mention.key] = record
            case Pace(alert=alert):
                self.paces[alert] = record
            case Watermark():
                self.watermark = record

    def drop(self, record: Record) -> None:
        """Drop the record with the key of this one."""
        match record:
            case Judged(article=article):
                self.judged.pop(article, None)
            case Fired(alert=alert, story=story):
                if gone := self.fired.pop((alert, story), None):
                    self._untold(gone.mention.article, (alert, story))
            case Counted(alert=alert, mention=mention):
                self.counted.get(alert, {}).pop(mention.article, None)
            case Held(alert=alert, mention=mention):
                self.held.get(alert, {}).pop(mention.key, None)
            case Pace(alert=alert):
                self.paces.pop(alert, None)
            case Watermark():
                self.watermark = None

    def _untold(self, article: str, key: tuple[str, str]) -> None:
        keys = self.told.get(article, set())
        keys.discard(key)
        if not keys:
            self.told.pop(article, None)


def _age(record: Record) -> datetime:
    """Sorts records in the order in which they were made."""
    match record:
        case Judged(seen=moment) | Fired(at=moment) | Counted(at=moment) | Held(at=moment):
            return moment
        case _:
            return _EARLIEST


_EARLIEST = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
