"""The templates, and the answers made of them."""

from typing import Any

import jinja2
from aiohttp import web
from markupsafe import Markup

from stream.display import visible, without_secrets
from stream.links import web_address
from stream.words import byte_size, plural, rate, span
from web.access.needed import needed
from web.access.person import person
from web.languages import direction
from web.links import Address, entity_address
from web.search.formats.forms import FEEDS, STREAMED

AREAS = (
    ("/", "Search"),
    ("/stories", "Stories"),
    ("/desk", "Desk"),
    ("/alerts", "Alerts"),
    ("/topics", "Topics"),
    ("/sources", "Sources"),
    ("/status", "Operations"),
)
"""The areas of the page, in the order of its menu: path and name."""

SHORTCUTS = (
    ("/", "Go to the search box"),
    ("j k", "Next and previous article"),
    ("o Enter", "Open the article"),
    ("s", "Star the article"),
    ("t", "Tag the open article"),
    ("n", "Take in what is new"),
    ("y", "Copy the link to this view"),
    ("?", "Show these keys"),
    ("Esc", "Leave the box, close what is open"),
)
"""The keys of the page and what they do, in the order of the help; an area's own stand with it."""


class Templates:
    """Answers from templates; their English stands in them as gettext's message ids.

    Args:
        images: whether articles are shown with their pictures.
        sharing: whether views can be shared with people without log-in.
    """

    def __init__(self, *, images: bool = False, sharing: bool = False) -> None:
        self._environment = _environment()
        self._environment.globals.update(images=images, sharing=sharing)

    def page(self, template: str, code: int = 200, **variables: Any) -> web.Response:
        """A page. `asked`, the view of the archive that the search box shows, is among the variables of every template."""
        by_link = person().by == "link"
        if by_link:
            variables["bare"] = True
        text = self._environment.get_template(template).render(by_link=by_link, **variables)
        headers = {"Cache-Control": "no-cache"}
        response = web.Response(text=text, status=code, content_type="text/html", headers=headers)
        response.enable_compression()
        return response


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("web"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        finalize=gated,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # of the extension
    made.globals.update(
        plural=plural, rate=rate, web_address=web_address, areas=AREAS, shortcuts=SHORTCUTS, person=person
    )
    made.globals.update(
        direction=direction, entity_address=entity_address, may_change=_may_change, ends=_ends
    )
    made.globals["exports"] = (*STREAMED, *FEEDS)
    made.filters["seconds"] = lambda number: f"{number:,.1f} s" if number < 60 else span(number)
    made.filters["grouped"] = lambda number: f"{number:,}"
    made.filters["bytes"] = byte_size
    made.filters["day"] = lambda time: time.astimezone().strftime("%Y-%m-%d")
    made.filters["exact"] = lambda time: time.astimezone().strftime("%Y-%m-%d %H:%M %Z")
    made.filters["gated"] = gated
    made.filters["iso"] = lambda time: time.isoformat()
    return made


def _ends(text: str) -> bool:
    """Whether a text ends like a sentence, not in the middle of one."""
    return text.rstrip("\"'»”’)]").endswith((".", "!", "?", "…", ":", "。", "！", "？", "؟", "।", "۔"))


def _may_change(path: str) -> bool:
    """Whether whoever asks may change what is at an address."""
    scope = needed("POST", path)
    return scope is None or person().may(scope)


def gated(value: object) -> object:
    """What a template prints: without secrets, and without characters that hide or reorder what is read."""
    if isinstance(value, str) and not isinstance(value, (Markup, Address)):
        return visible(without_secrets(value))
    return value
