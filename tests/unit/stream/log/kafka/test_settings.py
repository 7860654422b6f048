"""From the section [kafka] to the clients' and topics' settings."""

from pathlib import Path

import msgspec
import pytest

from stream.errors import ConfigError
from stream.log.base import TopicSpec
from stream.log.kafka import settings as kafka_settings
from stream.log.kafka.access import Kafka
from stream.log.kafka.topics import topic_settings


def test_several_servers_and_no_secrets_if_none_are_needed() -> None:
    settings = kafka_settings.connection(Kafka(bootstrap_servers="a:1, b:2", password="x"))
    assert settings["bootstrap_servers"] == ["a:1", "b:2"]
    assert not [key for key in settings if key.startswith(("sasl", "ssl"))]


def test_tls_with_our_own_certificate(tmp_path: Path) -> None:
    for name in ("ca", "cert", "key"):
        (tmp_path / name).touch()
    ca, cert, key = (str(tmp_path / name) for name in ("ca", "cert", "key"))
    settings = kafka_settings.connection(
        Kafka(security_protocol="SSL", ca_file=ca, cert_file=cert, key_file=key)
    )
    assert (settings["ssl_cafile"], settings["ssl_certfile"], settings["ssl_keyfile"]) == (ca, cert, key)


@pytest.mark.parametrize("key", ["ca_file", "cert_file", "key_file"])
def test_a_file_that_is_not_there_is_named(key: str) -> None:
    with pytest.raises(ConfigError, match=rf"kafka\.{key}: /nowhere\.pem: no such file"):
        kafka_settings.connection(msgspec.structs.replace(Kafka(), **{key: "/nowhere.pem"}))


def test_a_password() -> None:
    settings = kafka_settings.connection(
        Kafka(security_protocol="SASL_SSL", username="wire", password="secret")
    )
    assert settings["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (settings["sasl_plain_username"], settings["sasl_plain_password"]) == ("wire", "secret")


def test_a_producer_waits_for_all_replicas_and_keeps_the_order() -> None:
    settings = kafka_settings.producer(Kafka(compression="none"))
    assert (settings["acks"], settings["max_in_flight_requests_per_connection"]) == ("all", 1)
    assert settings["compression_type"] is None


def test_the_brokers_delete_nothing_by_themselves_unless_configured() -> None:
    kafka = Kafka(retention_days={"pages": 1.5})
    assert topic_settings(kafka, TopicSpec("pages"))["retention.ms"] == str(36 * 3_600_000)
    assert topic_settings(kafka, TopicSpec("articles"))["retention.ms"] == "-1"
    assert "retention.ms" not in topic_settings(kafka, TopicSpec("feeds", compacted=True))


@pytest.mark.parametrize(("copies", "needed"), [(0, None), (1, None), (2, None), (3, "2"), (5, "4")])
def test_with_three_replicas_one_may_be_down(copies: int, needed: str | None) -> None:
    settings = topic_settings(Kafka(replication=copies), TopicSpec("pages"))
    assert settings.get("min.insync.replicas") == needed
