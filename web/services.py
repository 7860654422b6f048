"""What the page is made over."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from index.results import IsSalient
from index.store import Search, Store
from query.marks import Marks
from query.warning import Warning  # noqa: A004 - it is not the exception
from results.alert import Firing
from results.parts import Coverage
from web.access.person import person
from web.access.services import OPEN, Access
from web.alerts.services import AlertServices
from web.desk.desk import Desk
from web.events.services import QUIET, Live
from web.images.services import Images
from web.search.asked import PER_PAGE, Asked, search_of
from web.search.outlets import Outlets
from web.sources.services import SourceServices
from web.status.services import StatusServices
from web.topics.services import TopicServices
from web.traffic import Traffic


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
        images: see web/images/services.py; None: the page shows no pictures.
        traffic: counts what is asked.
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
    images: Images | None = None
    traffic: Traffic = field(default_factory=Traffic)

    def marks(self) -> Marks:
        """What people marked, as whoever asks sees it."""
        return self.desk.marks_of(person().name)

    async def search(self, asked: Asked, *, limit: int = PER_PAGE) -> Search:
        """What the store is asked of a view, as whoever asks sees it. What people marked is read in a thread.

        Raises BadRequest as `search_of` does.
        """
        return await asyncio.to_thread(
            search_of, asked, self.now(), limit=limit, marks=self.marks(), outlets=self.outlets
        )
