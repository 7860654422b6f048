"""Where things are on this machine."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The checkout."""
DATA = ROOT.parent / "shared" / "data"
"""Third-party data to test against; tests say so and skip where it is absent."""
