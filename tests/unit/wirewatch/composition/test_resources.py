"""How the configuration sets up the HTTP client."""

import pytest

from ingest.fetching.settings import Fetch
from ingest.http.proxies import NO_PROXIES, Proxy
from stream.errors import ConfigError
from wirewatch.composition.resources import proxies


def test_the_configuration_overrides_the_environment() -> None:
    environment = {"HTTP_PROXY": "http://one.example:1", "NO_PROXY": "a.example"}
    found = proxies(Fetch(no_proxy=("b.example",), proxy_resolves=True), environment)
    assert found.http == Proxy("http", "one.example", 1, resolves=True)
    assert found.https is None
    assert found.exempt == ("b.example", "a.example")
    assert proxies(Fetch(proxy="none"), environment) == NO_PROXIES
    assert proxies(Fetch(proxy="socks5h://two.example"), environment).https == Proxy(
        "socks5", "two.example", 1080, resolves=True
    )


def test_a_variable_that_names_no_proxy_stops_the_start() -> None:
    with pytest.raises(ConfigError, match=r"^HTTP_PROXY: expected a URL like .*\[fetch\] proxy") as caught:
        proxies(Fetch(), {"HTTP_PROXY": "https://me:secret@p.example"})
    assert "secret" not in str(caught.value)
