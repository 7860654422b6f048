import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from lxml import html
from samples.strangers import HOSTILE
from servers.mail import mailbox

from alerts.channels.apprise import send_digest
from alerts.digest import page, paragraphs, text, title
from alerts.forms import CHAT, HTML, MARKDOWN, PLAIN, Form
from results.digest import Digest, Item, Section
from results.parts import Coverage, Source
from stream.errors import RetryLater

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def item(headline: str = "Talks open", outlets: int = 3, url: str = "https://herald.example/1") -> Item:
    return Item(
        story="a" * 32, headline=headline, source="Herald", url=url, articles=5, outlets=outlets, first=NOON
    )


def section(name: str, *items: Item, articles: int = 5, stories: int = 2) -> Section:
    return Section(kind="topic", name=name, query=name, articles=articles, stories=stories, top=items)


def digest(*sections: Section, coverage: Coverage | None = None) -> Digest:
    return Digest(
        person="ann",
        since=NOON.replace(day=13),
        until=NOON,
        articles=40,
        sections=sections,
        coverage=coverage,
    )


QUIET = section("Climate", articles=0, stories=0)


def test_sections_with_hits_are_shown_and_those_without_are_named() -> None:
    dark = Source(name="Night Wire", status="failing", since=None, reason="")
    made = digest(
        section("Syria", item(), item("Alone", outlets=1)),
        QUIET,
        section("My search", item(), stories=7),
        coverage=Coverage(sources=3, heard=2, dark=(dark,), dark_more=0),
    )
    assert title(made) == "Digest of 14 Mar 2026: Syria, My search"
    head, syria, mine, nothing = paragraphs(made, PLAIN, "")
    assert head[0].endswith("40 articles came in.")
    assert head[1] == "2 of 3 sources answered when last asked; not: Night Wire"
    assert syria == [
        "**Syria**: 5 articles in 2 stories",
        "• Talks open (Herald, 3 outlets) https://herald.example/1",
        "• Alone (Herald) https://herald.example/1",
    ]
    assert mine[-1] == "and 6 other stories"
    assert nothing == ["Nothing on: Climate."]
    assert title(digest(QUIET)) == "Digest of 14 Mar 2026: nothing new"


def test_links_lead_to_the_page_if_it_has_an_address() -> None:
    made = digest(section("Syria", item()))
    assert f"https://desk.example/story/{'a' * 32}" in text(made, PLAIN, "https://desk.example/", 10_000)
    assert "javascript" not in text(
        digest(section("Syria", item(url="javascript:alert(1)"))), HTML, "", 10_000
    )


@pytest.mark.parametrize("stranger", HOSTILE)
@pytest.mark.parametrize("form", [PLAIN, CHAT, MARKDOWN, HTML])
def test_what_strangers_wrote_stays_text(form: Form, stranger: str) -> None:
    told = text(digest(section(stranger, item(stranger))), form, "", 1_000_000)
    assert not [char for char in told if not char.isprintable() and char not in "\n\u200b"]
    if form is HTML:
        root = html.fromstring(page(digest(section(stranger, item(stranger))), told))
        assert {element.tag for element in root.iter()} <= {
            *("html", "head", "meta", "title", "body", "h1", "p", "br", "a", "b")
        }
        assert {link.get("href") for link in root.iter("a")} == {"https://herald.example/1"}


def test_what_does_not_fit_is_counted() -> None:
    made = digest(*(section(f"Topic {number}", item()) for number in range(20)))
    whole, short = text(made, PLAIN, "", 100_000), text(made, PLAIN, "", 600)
    assert "Topic 19" in whole
    assert len(short) <= 600
    assert short.endswith("more paragraphs: wirewatch digest")
    assert "Topic 0" in short


async def test_a_mail_has_the_digest_as_html_and_as_text() -> None:
    made = digest(section("Syria", item("<b>Talks</b> & more")))
    async with mailbox() as box:
        url = f"mailto://127.0.0.1:{box.port}?from=wire@desk.example&to=ed@desk.example&mode=insecure"
        await send_digest(url, made, "https://desk.example")
    (raw,) = box.mails
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert found["Subject"] == "Digest of 14 Mar 2026: Syria"
    for kind in ("html", "plain"):
        part = found.get_body((kind,))
        assert isinstance(part, EmailMessage)
        shown = part.get_content()
        if kind == "html":
            root = html.fromstring(f"<div>{shown}</div>")
            assert [link.get("href") for link in root.iter("a")] == [f"https://desk.example/story/{'a' * 32}"]
            shown = root.text_content()
        assert "<b>Talks</b> & more (Herald, 3 outlets)" in shown


async def test_a_channel_that_is_down_is_reported() -> None:
    with pytest.raises(RetryLater, match="not accepted"):
        await send_digest(
            "mailto://127.0.0.1:9?from=a@desk.example&to=b@desk.example&mode=insecure", digest(QUIET), ""
        )
