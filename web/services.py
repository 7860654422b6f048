"""What the page is made over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from index.results import IsSalient
from index.store import Store
from query.marks import Marks
from query.warning import Warning  # noqa: A004 - it is not the exception
from results.alert import Firing
from results.parts import Coverage
from web.access.person import person
from web.access.services import OPEN, Access
from web.alerts.services import AlertServices
from web.desk.desk import Desk
from web.events.services import QUIET, Live
from web.search.outlets import Outlets
from web.sources.services import SourceServices
from web.status.services import StatusServices
from web.topics.services import TopicServices


class LookedUp(TypedDict):
    """What a search is made with besides its address."""

    marks: Marks
    outlets: Outlets


@dataclass(frozen=True)
class Services:
    """What the roof gives the page; all of it may be called in any thread.

    Attributes:
        open_store: opens the archive for reading; ConfigError where there is none yet.
        lint: the likely mistakes in a query.
        coverage: how much of the feed list was heard; None if that can't be told.
        topic_names: the names of the topics, by id.
        firings: the alerts that told of a story.
        is_salient: whether an article is about an entity.
        now: the clock.
        alerts: see web/alerts/services.py.
        sources: see web/sources/services.py.
        desk: what people marked.
        status: see web/status/services.py.
        topics: see web/topics/services.py.
        access: who may use the page.
        live: see web/events/services.py.
        outlets: what the feed list says of outlets, by name.
    """

    open_store: Callable[[], Store]
    lint: Callable[[str], Sequence[Warning]]
    coverage: Callable[[], Coverage | None]
    topic_names: Callable[[], dict[str, str]]
    firings: Callable[[str], Sequence[Firing]]
    is_salient: IsSalient
    now: Callable[[], datetime]
    alerts: AlertServices
    sources: SourceServices
    desk: Desk
    status: StatusServices
    topics: TopicServices
    access: Access = OPEN
    live: Live = QUIET
    outlets: Outlets = dict

    def marks(self) -> Marks:
        """What people marked, as whoever asks sees it."""
        return self.desk.marks_of(person().name)

    def looked_up(self) -> LookedUp:
        """What a search is made with besides its address, as whoever asks sees it: arguments of `search_of`."""
        return {"marks": self.marks(), "outlets": self.outlets}
