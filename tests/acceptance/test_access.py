"""Who may use the page: people, tokens, the audit log, and a page that other machines can reach."""

import json
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from acceptance.command import Wirewatch, free_port, run
from samples.access import GOOD
from servers.ci import skip
from servers.commands import Process
from waiting import wait_until


@pytest.fixture
def wirewatch(tmp_path: Path) -> Wirewatch:
    config = tmp_path / "wirewatch.toml"
    config.touch()
    return Wirewatch(tmp_path / "data", config, tmp_path / "feeds.opml")


def with_password(
    wirewatch: Wirewatch, *arguments: str, password: str = GOOD
) -> "subprocess.CompletedProcess[str]":
    return run(*arguments, "--stdin", *wirewatch.options(), given=f"{password}\n")


def status(address: str, token: str = "", context: ssl.SSLContext | None = None) -> int:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, context=context) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def answers(address: str, context: ssl.SSLContext | None = None) -> bool:
    try:
        return bool(status(address, context=context))
    except urllib.error.URLError:
        return False


def test_people_and_tokens_are_managed_and_audited(wirewatch: Wirewatch) -> None:
    assert "asks for no log-in" in wirewatch.run("users", "list").stdout
    added = with_password(wirewatch, "users", "add", "Ann", "--role", "admin")
    assert added.returncode == 0, added.stderr
    assert added.stdout == "ann may log in, as admin.\nThe page asks for a log-in from its next start on.\n"
    weak = with_password(wirewatch, "users", "add", "bob", password="short")
    assert (weak.returncode, "10 to 1,000 characters" in weak.stderr) == (2, True)
    assert "--stdin" in wirewatch.run("users", "add", "bob", code=2).stderr
    assert with_password(wirewatch, "users", "password", "ann", password=GOOD[::-1]).returncode == 0
    wirewatch.run("users", "role", "ann", "analyst")
    (ann,) = wirewatch.ask("users", "list")["users"]
    assert (ann["name"], ann["role"]) == ("ann", "analyst")

    token = wirewatch.run("tokens", "add", "ann", "--label", "weekly", "--days", "7").stdout.strip()
    assert token.startswith("ww_")
    (listed,) = wirewatch.ask("tokens", "list")["tokens"]
    assert (listed["user"], listed["label"], listed["scope"], listed["used"]) == (
        "ann",
        "weekly",
        "read",
        None,
    )
    assert token not in wirewatch.run("tokens", "list").stdout
    wirewatch.run("tokens", "revoke", listed["id"])
    assert "no such token" in wirewatch.run("tokens", "revoke", listed["id"], code=2).stderr
    wirewatch.run("users", "remove", "ann")
    assert "no such person" in wirewatch.run("users", "remove", "ann", code=2).stderr

    noted = wirewatch.lines("audit")
    assert [one["what"] for one in noted] == [
        "users add",
        "users password",
        "users role",
        "tokens add",
        "tokens revoke",
        "users remove",
    ]
    assert noted == wirewatch.ask("audit", "--who", "local")["changes"]
    assert "local (command)  users role user=ann role=analyst" in wirewatch.run("audit").stdout
    assert wirewatch.run("audit", "--who", "nobody").stdout == "No change is noted.\n"
    assert {file.stat().st_mode & 0o777 for file in wirewatch.data.iterdir()} == {0o600}


def test_other_machines_reach_no_page_without_people(wirewatch: Wirewatch) -> None:
    refused = wirewatch.run("serve", "--host", "0.0.0.0", "--port", str(free_port()), code=2)
    assert "web.host: other machines can reach 0.0.0.0" in refused.stderr
    assert "users add NAME --role admin" in refused.stderr


def test_a_page_with_people_answers_those_it_knows_even_after_a_restart(
    wirewatch: Wirewatch, processes: list[Process]
) -> None:
    with_password(wirewatch, "users", "add", "ann")
    token = wirewatch.run("tokens", "add", "ann").stdout.strip()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    for _ in range(2):
        serving = wirewatch.start("serve", "--host", "0.0.0.0", "--port", str(port))
        processes.append(serving)
        wait_until(lambda: answers(address))
        assert status(f"{address}/api/v1/openapi.json") == 401
        assert status(f"{address}/api/v1/openapi.json", token) == 200
        serving.terminate()
        assert serving.wait() == 0
    serving = wirewatch.start("serve", "--port", str(port))
    processes.append(serving)
    wait_until(lambda: answers(address))
    wirewatch.run(
        "tokens", "revoke", json.loads(wirewatch.run("tokens", "list", "--json").stdout)["tokens"][0]["id"]
    )
    assert status(f"{address}/api/v1/openapi.json", token) == 401


def test_the_page_has_tls(wirewatch: Wirewatch, processes: list[Process], tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        skip("There is no openssl on this machine to make a certificate with.")
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run([*make.split(), "-keyout", key, "-out", cert], check=True, capture_output=True)
    wirewatch.config.write_text(f'[web]\ntls_cert = "{cert}"\ntls_key = "{key}"\n')
    with_password(wirewatch, "users", "add", "ann")
    port = free_port()
    processes.append(wirewatch.start("serve", "--port", str(port)))
    trusting = ssl.create_default_context(cafile=str(cert))
    address = f"https://127.0.0.1:{port}/login"
    wait_until(lambda: answers(address, trusting))
    with urllib.request.urlopen(address, context=trusting) as answer:
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    wirewatch.config.write_text(f'[web]\ntls_cert = "{cert}"\ntls_key = "{tmp_path / "absent.pem"}"\n')
    assert "web.tls_cert" in wirewatch.run("serve", "--port", str(free_port()), code=2).stderr
