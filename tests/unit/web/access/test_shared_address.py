import pytest

from web.access.shared_address import can_be_shared, is_same, link_to, parts_of

SECRET = "x" * 43


@pytest.mark.parametrize(
    "address", ["/", "/?q=syria&since=7d", "/search.atom?q=a", "/article/0a1b", "/story/0a1b?x=1"]
)
def test_views_can_be_shared_and_their_links_read(address: str) -> None:
    assert can_be_shared(address)
    assert parts_of(link_to(address, SECRET)) == (SECRET, address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "desk",
        "/desk",
        "/alerts",
        "/audit",
        "/api/v1/articles",
        "/article/a/version/1",
        "/article/",
        "//evil",
        "//evil/",
    ],
)
def test_nothing_else_can_be_shared(address: str) -> None:
    assert not can_be_shared(address)


@pytest.mark.parametrize(
    "link", ["/shared/", f"/shared/{SECRET}", "/shared/short/", "/?q=a", f"/shared/{SECRET}?q=a"]
)
def test_anything_else_is_not_a_link(link: str) -> None:
    assert parts_of(link) is None


def test_the_same_view_may_be_escaped_differently() -> None:
    assert is_same("/?q=peace+talks", "/?q=peace%20talks")
    assert is_same("/article/a", "/%61rticle/a")
    assert not is_same("/?q=a", "/?q=a&since=7d")
    assert not is_same("/?q=a", "/search.csv?q=a")


def test_routes_of_views_are_known() -> None:
    assert can_be_shared("/search.{form:csv|md}")
    assert can_be_shared("/article/{id}")
    assert not can_be_shared("/article/{id}/version/{number}")
