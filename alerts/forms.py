"""How a message is written for the service that shows it: as plain text, as Markdown or as HTML.

Titles, sources, sentences and reasons are strangers' text. In each form they stay text: they make no link, image or tag, and
mention nobody. Whatever a form can escape is escaped. What has no escape, such as `@everyone`, is split by a zero-width space.
"""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from stream.display import visible, without_secrets

_LONGEST_SHOWN = 100
"""Characters of an address when it is the text of a link."""

_APART = "\u200b"
_MENTION = r"@(?!\s)"
_ADDRESS = r"(?<=[A-Za-z]):(?=//)"
_TAG = r"<(?![\s=\d])"
_MARKDOWN_LINK = r"\](?=[(\[:]|$)"
_ACTS_IN_HTML = re.compile(f"{_MENTION}|{_ADDRESS}")
_ACTS_IN_MARKDOWN = re.compile(f"{_MENTION}|{_ADDRESS}|{_TAG}")
_ACTS_ANYWHERE = re.compile(f"{_MENTION}|{_ADDRESS}|{_TAG}|{_MARKDOWN_LINK}")
_MARKDOWN = re.compile(r"[\\`*_\[\](){}~|>#]|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")


@dataclass(frozen=True)
class Form:
    """How to write the parts of a message.

    Attributes:
        words: makes a text from outside, or a part of it, safe text on one line.
        link: makes a link to a web address from `web_address`.
        marks: the marks before and after words that matched.
        page: joins paragraphs, each of lines in this form, into one text.
    """

    words: Callable[[str], str]
    link: Callable[[str], str]
    marks: tuple[str, str]
    page: Callable[[Sequence[Sequence[str]]], str]


def _plain(text: str) -> str:
    return visible(without_secrets(text)).replace("\n", " ")


def _set_apart(text: str, acts: "re.Pattern[str]") -> str:
    return acts.sub(lambda found: found[0] + _APART, _plain(text))


def _markdown(text: str) -> str:
    return _set_apart(_MARKDOWN.sub(r"\\\g<0>", _plain(text)), _ACTS_IN_MARKDOWN)


def _markdown_link(address: str) -> str:
    host = _MARKDOWN.sub(r"\\\g<0>", urlsplit(address).netloc)
    return f"[{host}]({address})"


def _html_link(address: str) -> str:
    shown = address if len(address) <= _LONGEST_SHOWN else f"{address[:_LONGEST_SHOWN]}…"
    return f'<a href="{html.escape(address)}">{html.escape(shown)}</a>'


def _text_page(paragraphs: Sequence[Sequence[str]]) -> str:
    return "\n\n".join("\n".join(lines) for lines in paragraphs)


def _markdown_page(paragraphs: Sequence[Sequence[str]]) -> str:
    return "\n\n".join("  \n".join(lines) for lines in paragraphs)


def _html_page(paragraphs: Sequence[Sequence[str]]) -> str:
    return "<br><br>".join("<br>".join(lines) for lines in paragraphs)


def _chat_html_page(paragraphs: Sequence[Sequence[str]]) -> str:
    """Joins paragraphs for Telegram, where Apprise drops empty lines."""
    return f"<br>{_APART}<br>".join("<br>".join(lines) for lines in paragraphs)


def _chat(text: str) -> str:
    return _set_apart(text, _ACTS_ANYWHERE)


def _html(text: str) -> str:
    return html.escape(_plain(text))


def _chat_html(text: str) -> str:
    return html.escape(_set_apart(text, _ACTS_IN_HTML))


PLAIN = Form(_plain, str, ("**", "**"), _text_page)
"""For media that show text as it is: a terminal, a file, a mail without HTML."""
CHAT = Form(_chat, str, ("**", "**"), _text_page)
"""For services whose handling of text is unknown."""
MARKDOWN = Form(_markdown, _markdown_link, ("**", "**"), _markdown_page)
HTML = Form(_html, _html_link, ("<b>", "</b>"), _html_page)
"""For mail."""
CHAT_HTML = Form(_chat_html, _html_link, ("<b>", "</b>"), _chat_html_page)
"""For services that read HTML, and then look for mentions and addresses in its text."""
