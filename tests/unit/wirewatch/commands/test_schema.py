"""`wirewatch schema`."""

import json

from unit.wirewatch.commands.conftest import Here


def test_each_schema_is_listed_and_printed(here: Here) -> None:
    listed = [line.split()[0] for line in here.run("schema").out.splitlines()]
    assert {"search", "article", "alert", "check", "error"} <= set(listed)
    for name in listed:
        assert json.loads(here.run("schema", name).out)["type"] == "object"
