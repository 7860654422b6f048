import socket
from pathlib import Path

import msgspec
import pytest
from samples.access import GOOD, Clock
from samples.settings import settings_in
from structlog.testing import capture_logs

from stream.errors import ConfigError
from web.access.accounts import Accounts
from web.access.files import access_file
from web.access.services import Access
from web.certificate import tls_of
from web.settings import Web
from wirewatch.commands.page.access import access_of, address_of, names_of
from wirewatch.commands.settings import Settings

PROXIED = Web(user_header="Remote-User", proxies=("10.0.0.2",), url="https://desk.example")


def installation(folder: Path, web: Web = Web()) -> Settings:  # noqa: B008 - frozen
    made = settings_in(folder)
    return Settings(msgspec.structs.replace(made.config, web=web), made.paths)


def add_ann(folder: Path) -> None:
    Accounts(access_file(folder), Clock()).add("ann", GOOD, "admin")


def test_this_machine_alone_asks_for_no_log_in_until_there_are_people(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        assert access_of(installation(tmp_path), host).login is None
    assert not list(tmp_path.iterdir())
    add_ann(tmp_path)
    assert access_of(installation(tmp_path), "127.0.0.1").login is not None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk"])
def test_elsewhere_somebody_must_be_named(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigError, match=r"web\.host: other machines can reach .*users add NAME"):
        access_of(installation(tmp_path), host)
    assert access_of(installation(tmp_path, PROXIED), host).login is not None
    add_ann(tmp_path)
    assert access_of(installation(tmp_path), host).login is not None


def test_a_proxy_that_names_people_is_asked_on_this_machine_too(tmp_path: Path) -> None:
    access: Access = access_of(installation(tmp_path, PROXIED), "127.0.0.1")
    assert access.login is not None
    assert access.proxy is not None
    assert access.proxy.header == "Remote-User"
    assert access.encrypted


def test_passwords_in_clear_text_get_a_warning(tmp_path: Path) -> None:
    add_ann(tmp_path)
    with capture_logs() as logs:
        access_of(installation(tmp_path), "192.0.2.7")
        access_of(installation(tmp_path, Web(url="https://desk.example")), "192.0.2.7")
        access_of(installation(tmp_path), "127.0.0.1")
    assert len(logs) == 1
    assert "unencrypted" in logs[0]["event"]


@pytest.mark.parametrize(
    ("web", "host", "address"),
    [
        (Web(), "127.0.0.1", "http://127.0.0.1:8770/"),
        (Web(), "::1", "http://[::1]:8770/"),
        (Web(), "0.0.0.0", f"http://{socket.gethostname()}:8770/"),
        (Web(tls_cert="c.pem", tls_key="k.pem"), "desk", "https://desk:8770/"),
        (Web(url="https://desk.example/"), "0.0.0.0", "https://desk.example/"),
    ],
)
def test_the_address_for_people(web: Web, host: str, address: str) -> None:
    assert address_of(web, host, 8770) == address


def test_host_names_that_are_answered() -> None:
    assert list(names_of(Web(url="https://desk.example:8443"), "::1", 8770)) == [
        "desk.example:8443",
        "[::1]:8770",
    ]
    assert f"{socket.gethostname()}:8770" in list(names_of(Web(), "0.0.0.0", 8770))


def test_an_invalid_certificate_is_named(tmp_path: Path) -> None:
    assert tls_of(Web()) is None
    broken = tmp_path / "cert.pem"
    broken.write_text("not a certificate")
    for cert in (broken, tmp_path / "absent.pem"):
        with pytest.raises(ConfigError, match=rf"web\.tls_cert: .*{cert.name}"):
            tls_of(Web(tls_cert=str(cert), tls_key=str(broken)))
