"""Who may see what: the space that the objects go to, and the role of those who only read."""

from typing import Any

from kibana.client import Kibana
from kibana.names import Names


async def make_space(kibana: Kibana, space: str) -> bool:
    """Create a space unless it exists; returns whether it was created. `kibana` is connected to the default space."""
    found = await kibana.request("GET", f"/api/spaces/space/{space}", expected=(200, 404))
    if found.status == 200:
        return False
    await kibana.request("POST", "/api/spaces/space", space_body(space))
    return True


def space_body(space: str) -> dict[str, Any]:
    """The body of `POST /api/spaces/space`."""
    return {"id": space, "name": space, "description": "News gathered by wirewatch.", "disabledFeatures": []}


def analyst_role(names: Names, space: str) -> dict[str, Any]:
    """The body of `PUT /api/security/role/{name}`: reads wirewatch's indices, dashboards and searches, and nothing else."""
    return {
        "description": f"Reads {names.prefix}-* in Discover and on the dashboard; changes nothing.",
        "elasticsearch": {
            "cluster": [],
            "indices": [{"names": [f"{names.prefix}-*"], "privileges": ["read", "view_index_metadata"]}],
            "run_as": [],
        },
        "kibana": [
            {
                "spaces": [space or "default"],
                "base": [],
                "feature": {"discover_v2": ["read"], "dashboard_v2": ["read"]},
            }
        ],
    }
