import hashlib
import hmac
import json
from collections.abc import Mapping

import msgspec
import pytest
from samples.alerts import alert
from samples.documents import checked

from alerts.channels.webhook import signature, webhook
from alerts.results import alert_document
from results.alert import Alert as Document
from stream.errors import Reject, RetryLater


class Server:
    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.got: list[tuple[str, bytes, Mapping[str, str]]] = []

    async def post(self, url: str, payload: bytes, headers: Mapping[str, str]) -> int:
        self.got.append((url, payload, headers))
        return self.status


async def test_the_body_is_the_alert_and_is_signed() -> None:
    server = Server(204)
    await webhook("https://desk.example/hook", "s3cret", server.post)(alert())
    ((url, payload, headers),) = server.got
    assert url == "https://desk.example/hook"
    assert checked(json.loads(payload))["key"] == alert().key
    assert msgspec.json.decode(payload, type=Document) == alert_document(alert())
    assert headers["X-Wirewatch-Key"] == alert().key
    seconds, digest = (part.split("=")[1] for part in headers["X-Wirewatch-Signature"].split(","))
    expected = hmac.new(b"s3cret", f"{seconds}.".encode() + payload, hashlib.sha256).hexdigest()
    assert digest == expected


async def test_without_a_secret_nothing_is_signed() -> None:
    server = Server()
    await webhook("https://desk.example/hook", "", server.post)(alert(key="é|1|desk"))
    assert "X-Wirewatch-Signature" not in server.got[0][2]
    assert server.got[0][2]["X-Wirewatch-Key"].isascii()


def test_the_signature_depends_on_everything_that_it_protects() -> None:
    made = {signature(key, body, at) for key in ("a", "b") for body in (b"x", b"y") for at in (1, 2)}
    assert len(made) == 8


@pytest.mark.parametrize("status", [401, 404, 408, 429, 500, 503])
async def test_temporary_failures_are_retried(status: int) -> None:
    with pytest.raises(RetryLater, match=str(status)):
        await webhook("https://desk.example", "", Server(status).post)(alert())


@pytest.mark.parametrize("status", [301, 400, 413, 422])
async def test_permanent_failures_are_rejected(status: int) -> None:
    with pytest.raises(Reject, match=str(status)):
        await webhook("https://desk.example", "", Server(status).post)(alert())
