"""Who may use the page: people, tokens, the audit log, and a page that other machines can reach."""

import json
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from acceptance.command import Wirewatch, run
from samples.access import GOOD
from servers.ci import skip
from servers.commands import Process
from servers.ports import free_port
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
    except OSError:
        return False


def test_a_page_with_people_answers_those_it_knows_even_after_a_restart(
    wirewatch: Wirewatch, processes: list[Process]
) -> None:
    with_password(wirewatch, "users", "add", "ann")
    token = wirewatch.run("tokens", "add", "ann").stdout.strip()
    port, service_port = free_port(), free_port()
    wirewatch.config.write_text(f"[service]\nport = {service_port}\n")
    address = f"http://127.0.0.1:{port}"
    for _ in range(2):
        serving = wirewatch.start("serve", "--host", "0.0.0.0", "--port", str(port))
        processes.append(serving)
        wait_until(lambda: answers(address))
        assert status(f"{address}/api/v1/openapi.json") == 401
        assert status(f"{address}/api/v1/openapi.json", token) == 200
        assert status(f"{address}/metrics", token) == 404
        wait_until(lambda: answers(f"http://127.0.0.1:{service_port}/healthz"))
        with urllib.request.urlopen(f"http://127.0.0.1:{service_port}/metrics") as answer:
            assert b'{code="401",method="GET",route="/api/v1/openapi.json"} 1.0' in answer.read()
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
