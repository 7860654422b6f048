import pytest

from stream.links import web_address
from web.guard import own_names, refusal

NAMES = own_names(8770, ("Desk.example",))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8770", "localhost:8770", "LOCALHOST:8770", "[::1]:8770", "desk.example"]
)
def test_own_names_are_answered(host: str) -> None:
    assert not refusal("GET", {"Host": host}, NAMES)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:8770", "localhost", "localhost:80", "127.0.0.1:8770.evil.example"],
)
def test_other_names_are_refused(host: str) -> None:
    assert "does not answer to that name" in refusal("GET", {"Host": host}, NAMES)


@pytest.mark.parametrize(
    ("site", "mode", "dest", "answered"),
    [
        ("same-origin", "cors", "empty", True),
        ("none", "navigate", "document", True),
        ("cross-site", "navigate", "document", True),
        ("cross-site", "navigate", "iframe", False),
        ("cross-site", "no-cors", "image", False),
        ("cross-site", "cors", "empty", False),
        ("same-site", "no-cors", "script", False),
    ],
)
def test_other_sites_may_link_here_and_read_nothing(site: str, mode: str, dest: str, answered: bool) -> None:
    headers = {
        "Host": "localhost:8770",
        "Sec-Fetch-Site": site,
        "Sec-Fetch-Mode": mode,
        "Sec-Fetch-Dest": dest,
    }
    assert (not refusal("GET", headers, NAMES)) is answered


@pytest.mark.parametrize(
    ("headers", "answered"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, False),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8770"}, False),
        ({"Origin": "http://localhost:8770"}, True),
        ({"Origin": "https://LOCALHOST:8770"}, True),
        ({"Origin": "http://localhost:9000"}, False),
        ({"Origin": "http://127.0.0.1:8770"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://localhost:8770@evil.example"}, False),
        ({"Origin": "file://localhost:8770"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "ANY"])
def test_only_our_own_pages_can_change_something(
    headers: dict[str, str], answered: bool, method: str
) -> None:
    assert (not refusal(method, {"Host": "localhost:8770", **headers}, NAMES)) is answered


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://a.example/x", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example/x", False),
        ("https://[", False),
        ("https://a.example/" + "x" * 5_000, False),
    ],
)
def test_only_pages_of_the_web_are_linked(url: str, linked: bool) -> None:
    assert bool(web_address(url)) is linked
