from pathlib import Path

import pytest
from samples.access import Clock

from results.json_schema import json_schema
from stream.errors import RetryLater
from web.access.audit import Audit, Change
from web.access.limits import Limit
from web.access.needed import needed
from web.access.proxy import Proxy, caller, networks_of
from web.links import own_path
from web.settings import Web, is_loopback

PROXY = Proxy(networks_of(["10.0.0.2", "fd00::/8"]), "Remote-User")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/", "read"),
        ("GET", "/login", None),
        ("POST", "/login", None),
        ("POST", "/logout", "read"),
        ("GET", "/static/style.css", None),
        ("GET", "/staticx", "read"),
        ("GET", "/login/../audit", None),
        ("GET", "/loginx", "read"),
        ("GET", "/api/v1/articles", "read"),
        ("POST", "/desk/marks", "desk"),
        ("PUT", "/api/v1/desk/x", "desk"),
        ("POST", "/deskx", "admin"),
        ("POST", "/alerts", "desk"),
        ("PUT", "/api/v1/alerts/Dams", "desk"),
        ("POST", "/api/v1/channels/mail/test", "desk"),
        ("POST", "/topics/dams/remove", "desk"),
        ("POST", "/sources", "admin"),
        ("POST", "/status/retry", "admin"),
        ("GET", "/audit", "admin"),
    ],
)
def test_what_is_needed(method: str, path: str, scope: str | None) -> None:
    assert needed(method, path) == scope


def test_a_limit_lets_through_so_many_and_then_at_its_rate() -> None:
    time = [0.0]
    limit = Limit(3, 0.5, lambda: time[0])
    assert [limit.take("a") for _ in range(4)] == [0, 0, 0, 2.0]
    assert limit.take("b") == 0
    time[0] = 1.0
    assert limit.take("a") == 1.0
    time[0] = 2.0
    assert limit.take("a") == 0
    limit.give_back("a")
    assert limit.take("a") == 0
    time[0] = 1_000.0
    assert [limit.take("a") for _ in range(4)] == [0, 0, 0, 2.0]


def test_a_limit_remembers_a_bounded_number_of_callers() -> None:
    limit = Limit(1, 1, lambda: 0.0)
    for number in range(10_100):
        limit.take(str(number))
    assert len(limit._buckets) == 10_000


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),  # not our proxy: it may claim anything
        ("10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.2", "127.0.0.1, 203.0.113.9", "203.0.113.9"),  # what came before is the caller's own claim
        ("10.0.0.2", "203.0.113.9, fd00::1", "203.0.113.9"),
        ("10.0.0.2", "", "10.0.0.2"),
    ],
)
def test_the_address_of_a_caller_is_what_our_proxy_saw(peer: str, forwarded: str, address: str) -> None:
    assert caller(peer, forwarded, PROXY) == address


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/?q=a", "/?q=a"),
        ("/article/x", "/article/x"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("/" + "x" * 5_000, "/"),
    ],
)
def test_after_a_form_the_user_stays_on_this_site(text: str, path: str) -> None:
    assert own_path(text) == path


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (Web(tls_cert="a.pem"), "tls_key"),
        (Web(url="desk.example"), "url"),
        (Web(url="https://desk.example/x"), "url"),
        (Web(user_header="Remote User", proxies=("10.0.0.2",)), "user_header"),
        (Web(user_header="Remote-User"), "proxies"),
        (Web(proxies=("desk.example",)), "proxies"),
        (Web(proxies=("10.0.0.2/8",)), "proxies"),
    ],
)
def test_impossible_settings(settings: Web, key: str) -> None:
    assert [fault.key for fault in settings.faults()] == [key]


def test_possible_settings() -> None:
    good = Web(url="https://desk.example:8443/", proxies=("10.0.0.0/8", "::1"), user_header="Remote-User")
    assert not list(good.faults())
    assert good.is_encrypted
    assert not Web().is_encrypted
    assert [
        is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.1", "desk")
    ] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_the_audit_log_is_added_to_and_survives_a_torn_line(tmp_path: Path) -> None:
    audit = Audit(tmp_path, Clock())
    assert list(audit.changes()) == []
    audit.note("ann", "session", "192.0.2.7", "POST /desk", {"tag": "x\ny"})
    with audit.path.open("ab") as file:
        file.write(b'{"schema":"wirewatch/change/1","time":"2026\n')
    audit.note("bob", "token", "", "POST /desk", {}, "403")
    changes = list(audit.changes())
    assert [(one.who, one.outcome, dict(one.about)) for one in changes] == [
        ("ann", "done", {"tag": "x\ny"}),
        ("bob", "403", {}),
    ]
    assert (audit.path.stat().st_mode & 0o777) == 0o600
    assert json_schema(Change)
    with pytest.raises(RetryLater, match=r"audit\.jsonl"):
        Audit(tmp_path / "absent", Clock()).note("ann", "session", "", "x", {})
