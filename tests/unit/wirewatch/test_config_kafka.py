"""The section [kafka] of the configuration."""

from pathlib import Path

import pytest

from ingest.fetching.settings import Fetch
from stream.errors import ConfigError
from stream.log.kafka.access import Kafka
from wirewatch.config import Config, checked, load


def test_the_log_is_embedded_by_default() -> None:
    assert load(None, {}).kafka.bootstrap_servers == ""


def test_secrets_come_from_the_environment() -> None:
    config = load(
        None,
        {
            "WIREWATCH_KAFKA_BOOTSTRAP_SERVERS": "a:9092,b:9092",
            "WIREWATCH_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "WIREWATCH_KAFKA_USERNAME": "wire",
            "WIREWATCH_KAFKA_PASSWORD": "12345",
            "WIREWATCH_TEST_KAFKA": "belongs to the tests",
        },
    ).kafka
    assert (config.bootstrap_servers, config.security_protocol) == ("a:9092,b:9092", "SASL_SSL")
    assert (config.username, config.password) == ("wire", "12345")


def test_retention_by_topic(tmp_path: Path) -> None:
    file = tmp_path / "wirewatch.toml"
    file.write_text("[kafka]\nretention_days = {pages = 7, articles = 30}\n")
    assert load(file, {}).kafka.retention_days == {"pages": 7.0, "articles": 30.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("compression = 'snappy'", r"kafka\.compression: expected one of .*'zstd'.*, found 'snappy'"),
        ("retention_days = {pages = 0}", r"kafka\.retention_days: expected a number of more than 0"),
        (
            "boostrap_servers = 'a:1'",
            r"kafka\.boostrap_servers: there is no such key; did you mean 'bootstrap_servers'\?",
        ),
    ],
)
def test_a_typo_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "wirewatch.toml"
    file.write_text(f"[kafka]\n{text}\n")
    with pytest.raises(ConfigError, match=rf"wirewatch\.toml: {said}"):
        load(file, {})


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (
            Config(kafka=Kafka(bootstrap_servers="a:1", security_protocol="SASL_SSL", username="wire")),
            r"kafka\.username: SASL_SSL needs kafka\.username and kafka\.password",
        ),
        (
            Config(kafka=Kafka(bootstrap_servers="a:1", max_message_bytes=10_000_000)),
            r"kafka\.max_message_bytes: expected at least 11,000,000 \(fetch\.max_bytes and 1,000,000 for",
        ),
    ],
)
def test_settings_that_conflict_are_named(config: Config, said: str) -> None:
    with pytest.raises(ConfigError, match=f"here: {said}"):
        checked(config, "here")


def test_an_unused_log_is_not_checked() -> None:
    config = Config(fetch=Fetch(max_bytes=50_000_000), kafka=Kafka(security_protocol="SASL_SSL"))
    assert checked(config, "here") is config
