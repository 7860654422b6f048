"""A digest as a message: what is said, in each form that `alerts/forms.py` has. What strangers wrote stays text."""

import html
from collections.abc import Iterator, Sequence

from alerts.forms import Form
from results.digest import Digest, Item, Section
from stream.links import web_address
from stream.words import plural


def title(digest: Digest) -> str:
    """The subject of the message."""
    found = [section.name for section in digest.sections if section.articles]
    named = ", ".join(found[:3]) + (" ..." if len(found) > 3 else "")
    return f"Digest of {digest.until.astimezone():%d %b %Y}: {named or 'nothing new'}"


def paragraphs(digest: Digest, form: Form, site: str) -> list[list[str]]:
    """The message.

    Args:
        digest: what a while brought.
        form: of the text.
        site: the address of the page, such as https://desk.example, to which links lead; '': they lead to the articles.
    """
    found = [section for section in digest.sections if section.articles]
    return [
        _head(digest, form),
        *([*_section(section, form, site)] for section in found),
        *_nothing_on([section for section in digest.sections if not section.articles], form),
    ]


def text(digest: Digest, form: Form, site: str, most: int) -> str:
    """The message as one text of at most `most` characters; what had to be left out is counted."""
    told = paragraphs(digest, form, site)
    for kept in range(len(told), 0, -1):
        left_out = len(told) - kept
        more = [[f"{plural(left_out, 'more paragraph')}: wirewatch digest"]] if left_out else []
        page = form.page([*told[:kept], *more])
        if len(page) <= most:
            return page
    return form.page([_head(digest, form)])[:most]


def page(digest: Digest, body: str) -> str:
    """A page of HTML that stands by itself."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title(digest))}</title></head>\n"
        '<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem">\n'
        f"<h1>{html.escape(title(digest))}</h1>\n<p>{body}</p>\n</body></html>\n"
    )


def _head(digest: Digest, form: Form) -> list[str]:
    since, until = (time.astimezone().strftime("%d %b %Y, %H:%M %Z") for time in (digest.since, digest.until))
    lines = [form.words(f"{since} to {until}: {plural(digest.articles, 'article')} came in.")]
    coverage = digest.coverage
    if coverage and coverage.heard < coverage.sources:
        dark = ", ".join(source.name for source in coverage.dark[:5])
        lines.append(
            form.words(
                f"{coverage.heard} of {plural(coverage.sources, 'source')} answered when last asked; not: {dark}"
            )
        )
    return lines


def _section(section: Section, form: Form, site: str) -> Iterator[str]:
    before, after = form.marks
    told = f"{plural(section.articles, 'article')} in {plural(section.stories, 'story', 'stories')}"
    yield f"{before}{form.words(section.name)}{after}: {form.words(told)}"
    for item in section.top:
        yield _item(item, form, site)
    if section.stories > len(section.top):
        yield form.words(f"and {plural(section.stories - len(section.top), 'other story', 'other stories')}")


def _item(item: Item, form: Form, site: str) -> str:
    more = f", {plural(item.outlets, 'outlet')}" if item.outlets > 1 else ""
    address = f"{site.rstrip('/')}/story/{item.story}" if site else web_address(item.url)
    link = f" {form.link(address)}" if address else ""
    return "• " + form.words(f"{item.headline or '(no title)'} ({item.source}{more})") + link


def _nothing_on(sections: Sequence[Section], form: Form) -> list[list[str]]:
    if not sections:
        return []
    return [[form.words(f"Nothing on: {', '.join(section.name for section in sections)}.")]]
