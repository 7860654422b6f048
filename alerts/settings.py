"""The section [alerts] of the configuration."""

import msgspec


class Alerts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told of what."""

    file: str = ""
    """An alerts file, relative to the configuration's folder; empty: alerts.toml in the data folder."""
