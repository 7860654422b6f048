"""Addresses in Kibana's Discover, as Kibana's own locator builds them (tests/unit/kibana/data/discover-routes.json)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec

from kibana.language import Said, say
from kibana.names import Names
from kibana.rison import in_address
from kibana.settings import Kibana as Settings
from query.tree import Node

_COLUMNS = ("title", "source_name")
_BEGINNING = "1970-01-01T00:00:00.000Z"
_END = "now+1d"
"""An article may be dated a little into the future."""

_AROUND = timedelta(days=1)


class Discover(msgspec.Struct, frozen=True):
    """Discover in one space of one Kibana.

    Attributes:
        address: of Kibana, with the path of the space.
        view: the id of the data view of all articles.
    """

    address: str
    view: str

    def article(self, article_id: str, when: datetime) -> str:
        """The address of one article; `when`: its time published, or first seen if that is not known."""
        return self._open(_exactly("id", value=article_id), when - _AROUND, when + _AROUND)

    def story(self, story: str) -> str:
        """The address of all articles of a story; of one that was compared with no other, the article of that id."""
        return self._open(_exactly("story", "id", value=story), None, None)

    def query(self, query: Node, since: datetime | None = None, until: datetime | None = None) -> str:
        """The address of what a query finds, in a period by the time published (first seen if that is not known)."""
        return self._open(say(query), since, until)

    def everything(self, since: datetime | None = None, until: datetime | None = None) -> str:
        """The address of all articles of a period."""
        return self._open(Said(language="kuery", text=""), since, until)

    def _open(self, said: Said, since: datetime | None, until: datetime | None) -> str:
        period = {"from": _moment(since, _BEGINNING), "to": _moment(until, _END)}
        state = {
            "columns": _COLUMNS,
            "dataSource": {"dataViewId": self.view, "type": "dataView"},
            "query": {"language": said.language, "query": said.text},
        }
        return f"{self.address}/app/discover#/?_g={in_address({'time': period})}&_a={in_address(state)}"


def discover(settings: Settings, names: Names) -> Discover | None:
    """Where the articles are in Kibana; None if no Kibana is configured."""
    if not settings.url:
        return None
    space = f"/s/{quote(settings.space, safe='')}" if settings.space else ""
    return Discover(settings.url.rstrip("/") + space, names.articles)


def _exactly(*fields: str, value: str) -> Said:
    """The articles that have an id in one of some fields."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return Said(language="kuery", text=" or ".join(f'{field} : "{escaped}"' for field in fields))


def _moment(time: datetime | None, otherwise: str) -> str:
    if time is None:
        return otherwise
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
