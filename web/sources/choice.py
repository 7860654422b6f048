"""Which sources a view shows: the address has it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import msgspec

from results.sources import STATUSES, SourceHealth

PER_PAGE = 100


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; '' is everything."""

    status: str = ""
    group: str = ""
    country: str = ""
    page: int = 1

    def changed(self, **changes: str | int) -> "Choice":
        """The same but for some of it, from its first page on."""
        fields = {"page": 1, **changes}
        return Choice(**{**msgspec.structs.asdict(self), **fields})

    def address(self) -> str:
        """The address of the view."""
        default = Choice()
        told = {
            name: value
            for name, value in msgspec.structs.asdict(self).items()
            if value != getattr(default, name)
        }
        return f"/sources?{urlencode(told)}" if told else "/sources"


def read(parameters: Mapping[str, str]) -> Choice:
    """The view of an address; what can't be is left out."""
    page = parameters.get("page", "1")
    status = parameters.get("status", "")
    return Choice(
        status=status if status in STATUSES else "",
        group=parameters.get("group", ""),
        country=parameters.get("country", ""),
        page=max(int(page), 1) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def chosen(sources: Sequence[SourceHealth], choice: Choice) -> list[SourceHealth]:
    """The sources of a view, on all its pages."""
    return [
        source
        for source in sources
        if choice.status in ("", source.health.status)
        and (not choice.group or _within(source.folder, choice.group))
        and choice.country in ("", source.country)
    ]


def _within(folder: str, group: str) -> bool:
    return folder == group or folder.startswith(f"{group}/")


def counted(sources: Sequence[SourceHealth]) -> dict[str, list[tuple[str, int]]]:
    """How many sources there are of each status, group and country."""
    status = Counter(source.health.status for source in sources)
    groups = Counter(source.folder for source in sources if source.folder)
    countries = Counter(source.country for source in sources if source.country)
    return {
        "status": [(one, status[one]) for one in STATUSES if status[one]],
        "group": sorted(groups.items()),
        "country": sorted(countries.items()),
    }
