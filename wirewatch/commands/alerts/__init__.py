"""The command `alerts`."""
