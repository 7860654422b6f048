"""Writes Grafana's dashboard, Prometheus' alert rules and an example of its configuration.

python -m deploy.monitoring
"""

import json
from pathlib import Path
from typing import Any

import yaml

from deploy.monitoring.dashboard import dashboard
from deploy.monitoring.rules import rules
from deploy.monitoring.scraping import scraping

FOLDER = Path(__file__).parents[1]
HEAD = "# Made by `python -m deploy.monitoring`.\n"


def main() -> None:
    """Write all files."""
    for name, text in files().items():
        (FOLDER / name).parent.mkdir(exist_ok=True)
        (FOLDER / name).write_text(text, "utf-8")
        print(f"wrote deploy/{name}")


def files() -> dict[str, str]:
    """The files' content, by their path in deploy/."""
    return {
        "grafana/wirewatch.json": json.dumps(dashboard(), indent=2) + "\n",
        "prometheus/alerts.yml": _yaml(rules()),
        "prometheus/prometheus.yml": _yaml(scraping()),
    }


def _yaml(value: dict[str, Any]) -> str:
    return HEAD + yaml.safe_dump(value, sort_keys=False, width=120)


if __name__ == "__main__":
    main()
