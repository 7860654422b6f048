"""An example of Prometheus' configuration, for the services of docker-compose.yml and deploy/kubernetes."""

from typing import Any

from wirewatch.pipeline import ALL

JOB = "wirewatch"
"""The name that the alert rules know the processes by."""
PORT = 8790
"""Of each service, within its container."""


def scraping() -> dict[str, Any]:
    """Scrape each service; names are looked up, so that all copies of one are found. The page may be off: a name that is not
    there is looked up again."""
    return {
        "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
        "rule_files": ["alerts.yml"],
        "scrape_configs": [
            {
                "job_name": JOB,
                "dns_sd_configs": [
                    {"names": [*ALL, "page"], "type": "A", "port": PORT, "refresh_interval": "30s"},
                ],
            }
        ],
    }
