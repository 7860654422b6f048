"""What each kind of service really receives when strangers wrote the titles: captured on loopback."""

import email
import email.policy
import re
from email.message import EmailMessage

import apprise as library
import msgspec
import pytest
from lxml import etree, html
from samples.alerts import alert, mention, source_mention
from samples.strangers import ACTING, HOSTILE
from servers.mail import mailbox
from servers.services import services

from alerts.channels.apprise import apprise
from alerts.message import Alert, Mention
from stream.errors import RetryLater

LINK = "https://herald.example/a_b/@me?q=<s>&t=1"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12315544/"
DISCORD = f"discord://123456/{'a' * 68}"
CHATS = {
    "discord": DISCORD,
    "discord, in embeds": f"{DISCORD}?format=markdown",
    "mattermost": "mmost://{host}/3ccdd113474722377935511fc85d3dd4",
    "rocket.chat": "rocket://AAAA/BBBB@{host}/#news",
    "matrix": "matrix://user:pass@{host}/#room",
    "matrix, in HTML": "matrix://user:pass@{host}/#room?format=html",
    "telegram": TELEGRAM,
    "telegram, in Markdown": f"{TELEGRAM}?format=markdown",
    "teams": "workflows://prod-1.logic.azure.com:443/643a0abe9e7e4d3c8b6c1fe3b1ed0a55/aa-bb_cc",
    "google chat": "gchat://a/b/c",
    "webex": f"wxteams://{'a' * 80}",
    "zulip": f"zulip://bot@org/{'a' * 32}",
    "slack, in Markdown": f"{SLACK}?format=markdown",
    "ntfy, in Markdown": "ntfy://{host}/topic?format=markdown",
    "signal": "signal://{host}/12025550123/12025550124",
}
SEEN_AS_TEXT = {
    "ntfy": "ntfy://{host}/topic",
    "gotify": "gotify://{host}/abcdefghijklmno",
    "pushover": f"pover://{'u' * 30}@{'a' * 30}",
    "json": "json://{host}/x",
    "slack": SLACK,
    "slack, in blocks": f"{SLACK}?blocks=yes",
}


READ_MARKDOWN = {
    *("discord", "discord, in embeds", "mattermost", "rocket.chat", "teams", "webex", "zulip"),
    "ntfy, in Markdown",
}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waits: Apprise pauses between two requests to a service if its operator asks for that."""
    monkeypatch.setattr(library.URLBase, "throttle", lambda *_, **__: None)


def written_by(stranger: str, url: str = LINK) -> Mention:
    """An article whose every text is a stranger's."""
    found = mention(title=stranger, text=f"x {stranger.replace('.', '')} peace talks {stranger}")
    return msgspec.structs.replace(found, source=stranger, clause=stranger, url=url)


def told() -> Alert:
    """All hostile texts, a title each, and an article with an invalid address."""
    mentions = (*map(written_by, HOSTILE), written_by("x", "javascript:alert(1)"))
    return alert(mentions=mentions, reason=" ".join(ACTING))


TAG = re.compile(r'<(?!a href="https://herald\.example/|/a>|/?b>|br ?/?>|/?h1>|https://)[a-z/!@]')


@pytest.mark.parametrize("service", CHATS)
async def test_nothing_acts_in_a_chat(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with services(monkeypatch) as loopback:
        await apprise(CHATS[service].format(host=loopback.host))(told())
        sent = [text for text in loopback.texts() if "github.com/caronc" not in text and text != "@wire:home"]
    assert any("[warning] talks" in text.replace("\\", "") for text in sent)
    assert any("herald.example" in text for text in sent)
    for text in sent:
        assert not re.search(r"@\w", text), "a mention"
        assert not re.search(r"https?://evil", text), "an address"
        assert not [char for char in text if not char.isprintable() and char not in "\r\n\u200b"]
        if service != "matrix, in HTML" or "<br" in text:  # its other part is plain text
            assert not TAG.search(text)
        if service in READ_MARKDOWN:
            assert not re.search(r"(?<!\\)\](?!\(https://herald\.example/)[(\[:]", text), "a link"


@pytest.mark.parametrize("service", SEEN_AS_TEXT)
async def test_a_service_that_shows_text_gets_text(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with services(monkeypatch) as loopback:
        await apprise(SEEN_AS_TEXT[service].format(host=loopback.host))(told())
        sent = loopback.texts()
    assert any("“" in text and "\nWhy: " in text for text in sent)
    assert any("(no link that can be shown)" in text for text in sent)
    for text in sent:
        assert "\u200b" not in text
        assert not [char for char in text if not char.isprintable() and char not in "\r\n"]
        assert not service.startswith("slack") or "<" not in text


async def test_discord_shows_no_previews_and_the_text_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    async with services(monkeypatch) as loopback:
        await apprise(DISCORD)(alert(mentions=(written_by("*bold* @everyone [x](javascript:1)"),)))
    ((host, body),) = loopback.got
    payload = msgspec.json.decode(body)
    assert (host, payload["flags"]) == ("discord.com", 4)
    assert payload["content"].splitlines()[:4] == [
        "\\[warning\\] talks: \\*bold\\* @\u200beveryone \\[x\\]\\(javascript:1\\)",
        "",
        "\\*bold\\* @\u200beveryone \\[x\\]\\(javascript:1\\) · 2026-03-14 12:00 UTC  ",
        "[herald.example](https://herald.example/a_b/%40me?q=%3Cs%3E&t=1)  ",
    ]


async def test_flags_in_a_url_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    async with services(monkeypatch) as loopback:
        await apprise(f"{DISCORD}?flags=4096")(alert())
    assert msgspec.json.decode(loopback.got[0][1])["flags"] == 4096


async def test_slack_gets_escaped_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    async with services(monkeypatch) as loopback:
        await apprise(SLACK)(alert(mentions=(written_by("<!channel> *b* & co"),)))
    payload = msgspec.json.decode(loopback.got[0][1])
    (attachment,) = payload["attachments"]
    assert payload["mrkdwn"] is False
    assert attachment["title"] == "[warning] talks: &lt;!channel&gt; *b* &amp; co"
    assert attachment["text"].splitlines()[1] == "https://herald.example/a_b/%40me?q=%3Cs%3E&amp;t=1"


async def test_telegram_accepts_the_html(monkeypatch: pytest.MonkeyPatch) -> None:
    async with services(monkeypatch) as loopback:
        await apprise(TELEGRAM)(told())
    for _, body in loopback.got:
        payload = msgspec.json.decode(body)
        assert (payload["parse_mode"], payload["disable_web_page_preview"]) == ("HTML", True)
        assert len(payload["text"]) <= 4096
        root = etree.fromstring(f"<x>{payload['text']}</x>")  # Telegram refuses malformed HTML
        assert {element.tag for element in root.iter()} <= {"x", "a", "b"}
        assert all(link.get("href", "").startswith("https://herald.example/") for link in root.iter("a"))


async def test_telegram_keeps_lines_and_paragraphs(monkeypatch: pytest.MonkeyPatch) -> None:
    async with services(monkeypatch) as loopback:
        await apprise(TELEGRAM)(alert())
    lines = msgspec.json.decode(loopback.got[0][1])["text"].splitlines()
    assert lines[0] == "[warning] talks: Powers agree"
    assert lines[2:4] == [
        "Herald · 2026-03-14 12:00 UTC",
        '<a href="http://herald.example/1">http://herald.example/1</a>',
    ]


async def test_a_long_digest_is_split_between_articles_and_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    many = alert(mentions=tuple(mention(number) for number in range(1, 21)))
    async with services(monkeypatch) as loopback:
        await apprise(DISCORD)(many)
    contents = [msgspec.json.decode(body)["content"] for _, body in loopback.got]
    assert len(contents) > 1
    assert max(map(len, contents)) <= 2000
    found = re.findall(r"\(http://herald\.example/(\d+)\)", "\n".join(contents))
    assert [int(number) for number in found] == list(range(1, 21))
    assert all(re.match(r"\\\[warning|Powers agree|Fired", content) for content in contents)


async def test_a_retry_repeats_nothing_that_was_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    many = alert(mentions=tuple(mention(number) for number in range(1, 21)))
    send = apprise(DISCORD)
    async with services(monkeypatch) as loopback:
        loopback.refused = 1
        with pytest.raises(RetryLater):
            await send(many)
        await send(many)
        contents = [msgspec.json.decode(body)["content"] for _, body in loopback.got]
        refused = contents.pop(1)
        assert contents[1] == refused
        assert len(set(contents)) == len(contents)
        await send(many)
        assert len(loopback.got) == 2 * len(contents) + 1, "a message that was taken in full is forgotten"


async def test_each_service_of_a_url_gets_its_own_form(monkeypatch: pytest.MonkeyPatch) -> None:
    async with services(monkeypatch) as loopback:
        await apprise(f"{SLACK}, {TELEGRAM}")(alert())
    assert [host for host, _ in loopback.got] == ["hooks.slack.com", "api.telegram.org"]


async def test_a_feeds_password_reaches_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = msgspec.structs.replace(
        source_mention(), url="https://me:hunter2@radio.example/feed?token=hunter2"
    )
    async with services(monkeypatch) as loopback:
        await apprise(f"json://{loopback.host}/")(alert(mentions=(secret,)))
    assert "hunter2" not in str(loopback.got)
    assert "https://radio.example/feed?token=" in loopback.texts()[2]


async def mail(told: Alert, options: str = "") -> EmailMessage:
    async with mailbox() as box:
        url = (
            f"mailto://127.0.0.1:{box.port}?from=wire@desk.example&to=ed@desk.example&mode=insecure{options}"
        )
        await apprise(url)(told)
    (raw,) = box.mails
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


async def test_a_mail_holds_a_strangers_text_as_text() -> None:
    message = await mail(told())
    root = html.fromstring(f"<div>{part(message, 'html')}</div>")
    assert {element.tag for element in root.iter()} <= {"div", "br", "a", "b"}
    assert {link.get("href") for link in root.iter("a")} == {"https://herald.example/a_b/%40me?q=%3Cs%3E&t=1"}
    assert all(set(element.keys()) <= {"href"} for element in root.iter())
    for text in (part(message, "plain"), root.text_content()):
        assert not [char for char in text if not char.isprintable() and char not in "\r\n"]
        for stranger in HOSTILE:
            assert len(stranger) > 400 or not stranger.isprintable() or f"{stranger} · 2026-03-14" in text


@pytest.mark.parametrize("stranger", HOSTILE)
async def test_a_subject_is_one_line_and_makes_no_other_header(stranger: str) -> None:
    message = await mail(alert(mentions=(written_by(stranger),)))
    assert [str(one) for one in message.get_all("To", [])] == ["ed@desk.example"]
    assert message["Bcc"] is None
    assert str(message["Subject"]).startswith("[warning] talks: ")
    assert str(message["Subject"]).isprintable()


async def test_both_parts_of_a_mail_keep_their_lines() -> None:
    message = await mail(alert(mentions=(mention(1), mention(2))))
    lines = part(message, "plain").splitlines()
    assert lines[:7] == [
        "Powers agree",
        "Herald · 2026-03-14 12:00 UTC",
        "http://herald.example/1",
        "“They agreed that peace talks on Syria would open in Geneva, and that a truce had to hold until then.”",
        'Why: "peace talks" in the text at 54-65',
        "",
        "Powers agree",
    ]
    assert part(message, "html").count("<br>") == len(lines) - 1
    assert "<b>peace talks</b>" in part(message, "html")


async def test_a_mail_without_html_if_its_url_asks_for_that() -> None:
    message = await mail(told(), "&format=text")
    assert message.get_content_type() == "text/plain"
    assert "Why: " in part(message, "plain")
