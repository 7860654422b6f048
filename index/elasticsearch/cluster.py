"""The few Elasticsearch requests that wirewatch needs, and translation of its errors. Only this file imports the client."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    SSLError,
    TransportError,
    UnsupportedProductError,
)
from elasticsearch import Elasticsearch as Client

from index.elasticsearch.bulk import Answer, Operation, reason_of
from index.elasticsearch.settings import Elasticsearch
from stream.errors import ConfigError, RetryLater

_RIGHTS = (
    "needs more rights: to read, the index privileges read and view_index_metadata on <prefix>-*; to write, also the "
    "cluster privilege manage_index_templates and the index privilege all"
)
_KEEP_VIEW = "30m"  # a replay reads a page only as fast as its articles are tagged
"""How long a point in time outlives its last request."""


class BulkAnswer(msgspec.Struct, frozen=True):
    """The response to a bulk request; `whole`: it was refused as a whole, and every operation has that response."""

    answers: Sequence[Answer]
    whole: bool = False


class Cluster:
    """A connection to Elasticsearch; thread-safe.

    Every method raises RetryLater if Elasticsearch can't be reached or can't respond now, ConfigError if it denies access.
    """

    def __init__(self, settings: Elasticsearch) -> None:
        self.name = ", ".join(settings.hosts)
        try:
            self._client = _client(settings)
        except ValueError as error:
            raise ConfigError(
                f"Elasticsearch at {self.name} can't be reached as configured: {error}"
            ) from error

    def mappings(self, pattern: str) -> dict[str, dict[str, Any]]:
        """The mappings of the indices that a pattern or alias names, by the name of the index."""
        with _said_plainly(self.name):
            found = self._client.indices.get_mapping(index=pattern, ignore_unavailable=True)
        return {index: one["mappings"] for index, one in found.items()}

    def has_alias(self, alias: str) -> bool:
        """Whether an alias points to any index."""
        with _said_plainly(self.name):
            return bool(self._client.indices.exists_alias(name=alias))

    def put_template(self, name: str, template: Mapping[str, Any]) -> None:
        """Set the index template of a name; raises ConfigError if it contradicts another."""
        with _said_plainly(self.name):
            try:
                self._client.indices.put_index_template(name=name, body=dict(template))
            except ApiError as error:
                if error.status_code == 400:
                    raise ConfigError(
                        f"Elasticsearch refused the index template {name}: {_reason(error)}"
                    ) from error
                raise

    def put_mapping(self, index: str, mappings: Mapping[str, Any]) -> None:
        """Add to the mapping of an index; raises ConfigError if a field exists with another type."""
        with _said_plainly(self.name):
            try:
                self._client.indices.put_mapping(index=index, body=dict(mappings))
            except ApiError as error:
                if error.status_code == 400:
                    raise ConfigError(
                        f"the index {index} in Elasticsearch has another mapping than wirewatch's: {_reason(error)}; set"
                        " elasticsearch.prefix to a new name, or delete the index if its articles are not needed"
                    ) from error
                raise

    def has_lifecycles(self) -> bool:
        """Whether this server has index lifecycle management (ILM)."""
        with _said_plainly(self.name):
            try:
                self._client.ilm.get_lifecycle()
            except ApiError as error:
                if error.status_code in (400, 405):  # it knows no such path
                    return False
                if error.status_code != 404:  # it has no policy
                    raise
        return True

    def version(self) -> tuple[str, str]:
        """The oldest version of its nodes, and the time as it sends it in the header `Date`; '' if it sends none."""
        with _said_plainly(self.name):
            found = self._client.nodes.info(metric="process", filter_path="nodes.*.version")
        versions = sorted(str(node["version"]) for node in found["nodes"].values())
        return versions[0], str(found.meta.headers.get("date", ""))

    def status(self) -> tuple[str, int]:
        """Its health (`green`, `yellow`, `red`), and how many nodes it has."""
        with _said_plainly(self.name):
            found = self._client.cluster.health()
        return str(found["status"]), int(found["number_of_nodes"])

    def disks(self) -> dict[str, float]:
        """How full the disk of each node is, from 0 to 1."""
        with _said_plainly(self.name):
            rows: Any = self._client.cat.allocation(format="json", h="node,disk.percent").body
        return {row["node"]: float(row["disk.percent"]) / 100 for row in rows if row.get("disk.percent")}

    def readonly(self, pattern: str) -> list[str]:
        """The indices that match a pattern and take no documents."""
        blocks = ["index.blocks.read_only", "index.blocks.read_only_allow_delete", "index.blocks.write"]
        with _said_plainly(self.name):
            found = self._client.indices.get_settings(
                index=pattern, name=",".join(blocks), flat_settings=True, allow_no_indices=True
            )
        return sorted(
            index for index, one in found.items() if "true" in map(str, one.get("settings", {}).values())
        )

    def has_template(self, name: str) -> bool:
        """Whether there is an index template of this name."""
        with _said_plainly(self.name):
            return bool(self._client.indices.exists_index_template(name=name))

    def put_lifecycle(self, name: str, policy: Mapping[str, Any]) -> None:
        """Set a lifecycle policy."""
        with _said_plainly(self.name):
            self._client.ilm.put_lifecycle(name=name, policy=dict(policy))

    def put_component(self, name: str, template: Mapping[str, Any]) -> None:
        """Set a component template."""
        with _said_plainly(self.name):
            self._client.cluster.put_component_template(name=name, template=dict(template))

    def put_settings(self, index: str, settings: Mapping[str, Any]) -> None:
        """Change settings of the indices that match a pattern, if any."""
        with _said_plainly(self.name):
            self._client.indices.put_settings(index=index, settings=dict(settings), allow_no_indices=True)

    def create_index(self, name: str) -> None:
        """Create an index from its template unless it exists. Raises ConfigError if it conflicts with something."""
        with _said_plainly(self.name):
            try:
                self._client.indices.create(index=name)
            except ApiError as error:
                if error.error == "resource_already_exists_exception":
                    return
                if error.status_code == 400:
                    raise ConfigError(f"Elasticsearch refused to create {name}: {_reason(error)}") from error
                raise

    def create_apart(self, name: str, alias: str, mappings: Mapping[str, Any]) -> None:
        """Create an empty index from its template without the template's alias; raises ConfigError if it exists."""
        with _said_plainly(self.name):
            try:
                self._client.indices.create(index=name, mappings=dict(mappings))
            except ApiError as error:
                if error.status_code == 400:
                    raise ConfigError(f"Elasticsearch refused to create {name}: {_reason(error)}") from error
                raise
            self._client.indices.delete_alias(index=name, name=alias)

    def delete_index(self, name: str) -> None:
        """Delete an index; it need not exist."""
        with _said_plainly(self.name):
            self._client.indices.delete(index=name, ignore_unavailable=True)

    def replace_index(self, old: str, new: str, alias: str) -> None:
        """Delete an index, and point the alias to another one instead, in one step."""
        actions = [{"add": {"index": new, "alias": alias}}, {"remove_index": {"index": old}}]
        with _said_plainly(self.name):
            self._client.indices.update_aliases(actions=actions)

    def refresh(self, index: str) -> None:
        """Let searches find what was stored."""
        with _said_plainly(self.name):
            self._client.indices.refresh(index=index)

    def bulk(self, operations: Sequence[Operation]) -> BulkAnswer:
        """Send operations; the responses are in the same order.

        A request that is too large, malformed, or over the rate limit is refused as a whole.
        """
        lines: Any = [line for one in operations for line in one.lines]  # the client sends bytes as they are
        with _said_plainly(self.name):
            try:
                answer = self._client.bulk(operations=lines, filter_path="items.*.status,items.*.error")
            except ApiError as error:
                if error.status_code not in (400, 413, 429):
                    raise
                whole = Answer(error.status_code, error.error, _reason(error))
                return BulkAnswer([whole] * len(operations), whole=True)
        return BulkAnswer([_answer(one) for item in answer["items"] for one in item.values()])

    def search(self, body: Mapping[str, Any], index: str | None = None) -> dict[str, Any]:
        """The answer to a search; `index` is omitted if the body names a point in time."""
        scored = any("_score" in key for key in body.get("sort", ()))
        with _said_plainly(self.name):
            answer = self._client.search(
                index=index,
                body=dict(body),
                # Word frequencies are counted over all months, so that scores are comparable.
                search_type="dfs_query_then_fetch" if scored else None,
            )
        return dict(answer)

    def open_view(self, index: str) -> str:
        """Open a point in time: searches in it see the current state."""
        with _said_plainly(self.name):
            return str(self._client.open_point_in_time(index=index, keep_alive=_KEEP_VIEW)["id"])

    def close_view(self, view: str) -> None:
        """Release a point in time."""
        with _said_plainly(self.name):
            self._client.close_point_in_time(id=view)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def in_view(view: str) -> dict[str, str]:
    """The part of a search body that names a point in time."""
    return {"id": view, "keep_alive": _KEEP_VIEW}


def _client(settings: Elasticsearch) -> Client:
    options: dict[str, Any] = {}
    if settings.api_key:
        options["api_key"] = settings.api_key
    if settings.username:
        options["basic_auth"] = (settings.username, settings.password)
    if settings.ca_file:
        options["ssl_context"] = _trusting(settings.ca_file)
    return Client(
        list(settings.hosts),
        request_timeout=settings.timeout_seconds,
        max_retries=len(settings.hosts) - 1,  # one try per node; the runner backs off
        retry_on_status=(),
        **options,
    )


def _trusting(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ConfigError(
            f"elasticsearch.ca_file: {ca_file} can't be read as certificates (PEM): {error}"
        ) from error


def _answer(item: Mapping[str, Any]) -> Answer:
    error = item.get("error")
    if not error:
        return Answer(item["status"])
    return Answer(item["status"], error["type"], reason_of(error))


def _reason(error: ApiError) -> str:
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        return reason_of(body["error"])
    return str(error)[:1000]


@contextmanager
def _said_plainly(name: str) -> Iterator[None]:
    """Turns the client's errors into ours."""
    try:
        yield
    except UnsupportedProductError as error:
        raise ConfigError(f"the server at {name} is not Elasticsearch: check elasticsearch.hosts") from error
    except SSLError as error:
        raise ConfigError(
            f"TLS with {name} failed: {error.message}: check elasticsearch.ca_file and https:// in elasticsearch.hosts"
        ) from error
    except TransportError as error:
        raise RetryLater("elasticsearch-unavailable", f"{name} does not answer: {error.message}") from error
    except ApiError as error:
        raise _in_our_words(name, error) from error


def _in_our_words(name: str, error: ApiError) -> Exception:
    said = f"Elasticsearch at {name} answered {error.status_code}: {_reason(error)}"
    if isinstance(error, AuthenticationException):
        return ConfigError(
            f"{said}: check elasticsearch.api_key, or elasticsearch.username and elasticsearch.password"
        )
    if error.error == "media_type_header_exception":
        return ConfigError(f"{said}: it is older than Elasticsearch 9")
    if isinstance(error, AuthorizationException) and error.error != "cluster_block_exception":
        return ConfigError(f"{said}: the user or key {_RIGHTS}")
    if error.status_code in (404, 429) or error.status_code >= 500:
        return RetryLater(f"elasticsearch-{error.status_code}", said)
    if isinstance(error, AuthorizationException):
        return RetryLater("elasticsearch-blocked", said)
    return error
