"""The section [alerts] of the configuration."""

import msgspec


class Alerts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The alerts file."""

    file: str = ""
    """An alerts file, relative to the configuration's folder; empty: alerts.toml in the data folder."""
