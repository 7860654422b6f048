"""Creates the topics in Kafka, and checks existing ones against the configuration."""

from collections.abc import Iterable, Mapping
from typing import Any

from kafka import errors
from kafka.admin import ConfigResource, ConfigResourceType

from stream.errors import ConfigError
from stream.log.base import TopicSpec
from stream.log.kafka.access import Kafka
from stream.log.kafka.admin import Admin
from stream.log.kafka.errors import translated
from stream.suggest import did_you_mean

TOMBSTONE_DAYS = 7
"""How long a compacted topic keeps a tombstone at least: a reader that returns sooner misses none."""
_SEGMENT_BYTES = 64 * 2**20  # space is freed, and compaction runs, one segment at a time
_DAY = 86_400_000


def create_topics(admin: Admin, kafka: Kafka, specs: Iterable[TopicSpec]) -> frozenset[str]:
    """Create missing topics, and apply the configured retention and limits to existing ones. Returns those that were created,
    by Kafka's names.

    Raises ConfigError if a topic has a different number of partitions or is of the other kind (compacted or not), or if
    retention is configured for a topic that has none.
    """
    specs = list(specs)
    _check_retention(kafka, specs)
    wanted = {admin.topic_name(spec.name): spec for spec in specs}
    if not wanted:
        return frozenset()
    with translated(kafka):
        found = {topic["name"]: topic for topic in admin.client.describe_topics(list(wanted))}
        missing = [name for name in wanted if found.get(name, {}).get("error_code") != 0]
        _create(admin, kafka, {name: wanted[name] for name in missing})
        _check(admin, {name: spec for name, spec in wanted.items() if name not in missing}, found)
        _configure(admin, kafka, wanted)
    return frozenset(missing)


def check_there_are_some(admin: Admin, kafka: Kafka, specs: Iterable[TopicSpec]) -> None:
    """Raise ConfigError if no topic exists under the prefix; it names a prefix that is much like it, if there is one."""
    wanted = {admin.topic_name(spec.name) for spec in specs}
    with translated(kafka):
        names = set(admin.client.list_topics())
    if wanted & names or not wanted:
        return
    one = next(iter(specs)).name
    prefixes = sorted(name.removesuffix(one) for name in names if name.endswith(one))
    hint = did_you_mean(kafka.prefix, prefixes)
    raise ConfigError(
        f"kafka.prefix: {kafka.bootstrap_servers} has no topics that begin with {kafka.prefix!r}"
        f"{hint}{'' if hint.endswith('?') else '.'} `wirewatch setup` creates them, and so does each stage when it starts"
    )


def _check_retention(kafka: Kafka, specs: Iterable[TopicSpec]) -> None:
    sequences = sorted(spec.name for spec in specs if not spec.compacted)
    for name in kafka.retention_days:
        if name not in sequences:
            raise ConfigError(
                f"kafka.retention_days.{name}: expected one of the topics {', '.join(sequences)}"
            )


def topic_settings(kafka: Kafka, spec: TopicSpec) -> dict[str, str]:
    """The settings of a topic, by Kafka's names."""
    days = kafka.retention_days.get(spec.name)
    kept = {"retention.ms": str(int(days * _DAY)) if days else "-1", "retention.bytes": "-1"}
    compacted = {
        "delete.retention.ms": str(TOMBSTONE_DAYS * _DAY),
        "min.cleanable.dirty.ratio": "0.2",
        "segment.ms": str(_DAY),
    }
    return {
        "cleanup.policy": "compact" if spec.compacted else "delete",
        "max.message.bytes": str(kafka.max_message_bytes),
        "segment.bytes": str(max(_SEGMENT_BYTES, kafka.max_message_bytes)),
        "message.timestamp.type": "CreateTime",
        **(compacted if spec.compacted else kept),
        # With three replicas, one may be down and acknowledged messages are still in two places.
        **({"min.insync.replicas": str(kafka.replication - 1)} if kafka.replication > 2 else {}),
    }


def _create(admin: Admin, kafka: Kafka, missing: Mapping[str, TopicSpec]) -> None:
    if not missing:
        return
    created = admin.client.create_topics(
        {
            name: {
                "num_partitions": spec.partitions,
                "replication_factor": kafka.replication or -1,
                "configs": topic_settings(kafka, spec),
            }
            for name, spec in missing.items()
        },
        raise_errors=False,
    )
    for topic in created["topics"]:
        error = errors.for_code(topic["error_code"])
        if error is errors.InvalidReplicationFactorError:
            raise ConfigError(f"kafka.replication: {topic['error_message']}")
        if error not in (
            errors.NoError,
            errors.TopicAlreadyExistsError,
        ):  # another process may have created it first
            raise error(f"creating topic {topic['name']!r}: {topic['error_message']}")
    admin.client.wait_for_topics(list(missing))


def _check(admin: Admin, present: Mapping[str, TopicSpec], found: Mapping[str, Any]) -> None:
    for name, spec in present.items():
        partitions = len(found[name]["partitions"])
        if partitions != spec.partitions:
            raise ConfigError(
                f"kafka.partitions: topic {name!r} has {partitions}, but {spec.partitions} are configured: keys would"
                " move to other partitions; use another kafka.prefix, or delete the topic"
            )
        # A compacted topic loses all but the last message of a key, and any other never shrinks: never change this silently.
        policy = settings_of(admin, [name])[name].get("cleanup.policy", {"value": "delete"})["value"]
        if policy != ("compact" if spec.compacted else "delete"):
            raise ConfigError(
                f"kafka.prefix: topic {name!r} already exists with cleanup.policy={policy}, which is not"
                " wirewatch's; use another prefix, or delete the topic"
            )


def settings_of(admin: Admin, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The current settings of topics, by Kafka's names: the `value` of each, and its source."""
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, Any]] = admin.client.describe_configs(asked)["topic"]
    return found


def _configure(admin: Admin, kafka: Kafka, wanted: Mapping[str, TopicSpec]) -> None:
    """Set what differs. Another process that starts at the same time sets the same values."""
    present = settings_of(admin, wanted)
    changed = []
    for name, spec in wanted.items():
        differing = {
            key: value
            for key, value in topic_settings(kafka, spec).items()
            if present[name].get(key, {}).get("value") != value and (key, value) not in _DEFAULTS
        }
        if differing:
            changed.append(ConfigResource(ConfigResourceType.TOPIC, name, differing))
    if changed:
        # kafka-python takes all settings of a topic that is deleted in this moment for unknown ones.
        admin.client.alter_configs(changed, raise_on_unknown=False)


_DEFAULTS = {
    ("cleanup.policy", "delete"),
    ("message.timestamp.type", "CreateTime"),
    ("retention.bytes", "-1"),
}
