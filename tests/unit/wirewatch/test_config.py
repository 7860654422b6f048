from pathlib import Path

import pytest

from stream.errors import ConfigError
from wirewatch.config import Config, Paths, default_data, demo_data, load


def write(folder: Path, text: str) -> Path:
    file = folder / "wirewatch.toml"
    file.write_text(text)
    return file


def fault(folder: Path, text: str, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(write(folder, text), environment or {})
    return str(caught.value)


def test_without_a_file_the_defaults_hold() -> None:
    assert load(None, {}) == Config()


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "[fetch]\ngap_seconds = 3\ncontact = 'a@b.example'\n")
    config = load(file, {"WIREWATCH_FETCH_GAP_SECONDS": "0.5", "WIREWATCH_DATA": "/x", "HOME": "/y"})
    assert config.fetch.gap_seconds == 0.5
    assert config.fetch.contact == "a@b.example"


def test_a_string_of_the_environment_needs_no_quotes() -> None:
    assert load(None, {"WIREWATCH_FETCH_CONTACT": "desk@b.example"}).fetch.contact == "desk@b.example"


def test_a_list_of_the_environment_is_toml() -> None:
    allowed = load(None, {"WIREWATCH_FETCH_ALLOW_PRIVATE": '["10.0.0.0/8"]'}).fetch.allow_private
    assert allowed == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[fetch]\ngap_secs = 1\n", ["wirewatch.toml", "fetch.gap_secs", "did you mean 'gap_seconds'?"]),
        ("[fetsch]\n", ["wirewatch.toml", "fetsch", "did you mean 'fetch'?"]),
        (
            "[fetch]\ngap_seconds = 'soon'\n",
            ["wirewatch.toml", "fetch.gap_seconds", "expected a number, found the text 'soon'"],
        ),
        (
            "[fetch]\ntimeout_seconds = 0\n",
            ["wirewatch.toml", "fetch.timeout_seconds", "more than 0, found 0"],
        ),
        (
            "[fetch]\nallow_private = ['10/8x']\n",
            ["wirewatch.toml", "fetch.allow_private", "expected a network"],
        ),
        ("[fetch]\nlanguages = 'en\\r\\nX: y'\n", ["wirewatch.toml", "fetch.languages", "'en, fr;q=0.5'"]),
        (
            "[fetch]\nproxy = 'https://u:pw@p.example'\n",
            ["wirewatch.toml", "fetch.proxy", "socks5://", "'none'"],
        ),
        (
            "[fetch]\nallow_ports = [0]\n",
            ["wirewatch.toml", "fetch.allow_ports", "expected a whole number of at least 1, found 0"],
        ),
        (
            "[websub]\ncallback_url = 'news.example/websub'\n",
            ["wirewatch.toml", "websub.callback_url", "expected a URL like https://news.example/websub"],
        ),
        (
            "[fetch.hosts]\n'a.example' = 'b'\n",
            ["wirewatch.toml", "fetch.hosts.a.example", "expected an IP address"],
        ),
        ("fetch = 3\n", ["wirewatch.toml", "fetch", "expected a table, found 3"]),
        ("[fetch\n", ["wirewatch.toml", "not valid TOML", "line 1"]),
        (
            "[elasticsearch]\nhosts = ['search.example:9200']\n",
            ["wirewatch.toml", "elasticsearch.hosts", "https://"],
        ),
        (
            "[elasticsearch]\nhosts = ['https://search.example']\n",
            ["wirewatch.toml", "elasticsearch.hosts", "with the port"],
        ),
        (
            "[elasticsearch]\nprefix = 'News*'\n",
            ["wirewatch.toml", "elasticsearch.prefix", "lower-case letters", "'News*'"],
        ),
        (
            "[elasticsearch]\napi_key = 'a'\nusername = 'b'\npassword = 'c'\n",
            ["wirewatch.toml", "elasticsearch.api_key", "either a key"],
        ),
        (
            "[elasticsearch]\nusername = 'b'\n",
            ["wirewatch.toml", "elasticsearch.username", "belong together"],
        ),
    ],
)
def test_a_fault_names_file_key_and_expectation(tmp_path: Path, text: str, expected: list[str]) -> None:
    said = fault(tmp_path, text)
    assert all(part in said for part in expected), said


def test_a_fault_of_the_environment_names_the_variable(tmp_path: Path) -> None:
    assert "WIREWATCH_FETCH_GAP_SECONDS" in fault(tmp_path, "", {"WIREWATCH_FETCH_GAP_SECONDS": "-1"})
    assert "did you mean 'WIREWATCH_FETCH_GAP_SECONDS'?" in fault(tmp_path, "", {"WIREWATCH_FETCH_GAP": "1"})
    assert "expected a TOML value" in fault(tmp_path, "", {"WIREWATCH_POLL_CONCURRENCY": "many"})


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """As Notepad and PowerShell write it."""
    assert load(write(tmp_path, "\ufeff[fetch]\ngap_seconds = 3\n"), {}).fetch.gap_seconds == 3


def test_a_section_that_is_not_a_table_beside_the_environment(tmp_path: Path) -> None:
    assert "expected a table [fetch]" in fault(tmp_path, "fetch = 3\n", {"WIREWATCH_FETCH_GAP_SECONDS": "1"})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: there is no such file"):
        load(tmp_path / "nowhere.toml", {})


def test_a_password_in_the_address_of_elasticsearch_is_not_repeated(tmp_path: Path) -> None:
    told = fault(tmp_path, "[elasticsearch]\nhosts = ['https://desk:secret@search.example:9200']\n")
    assert "elasticsearch.password" in told
    assert "secret" not in told


def test_without_data_the_demo_is_suggested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    here = Paths(data=default_data(), feeds=tmp_path / "feeds.opml", topics=None)
    assert "--data" not in str(here.nothing_yet("are no data"))
    demo_data().mkdir(parents=True)
    assert str(here.nothing_yet("are no data")).endswith(f"--data {demo_data()}")
    demo = Paths(data=demo_data(), feeds=tmp_path / "feeds.opml", topics=None)
    assert "--data" not in str(demo.nothing_yet("are no data"))


def test_the_password_of_a_proxy_that_can_not_be_used_is_not_shown(tmp_path: Path) -> None:
    assert "secret" not in fault(tmp_path, "[fetch]\nproxy = 'https://me:secret@p.example'\n")
    assert "secret" not in fault(tmp_path, "", {"WIREWATCH_FETCH_PROXY": "ftp://me:secret@p.example"})
