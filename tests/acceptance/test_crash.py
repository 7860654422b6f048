"""Kill it at any moment: after recovery every article is in the index, exactly once."""

import random
import time
from collections.abc import Callable

import pytest
from acceptance.command import Wirewatch, World, urls
from waiting import wait_until

from demo.world import bundled

LIFE_SECONDS = (0.4, 3.0)
"""How long the command lives before it is killed: some lives end before it has opened its files, some amid the work."""


@pytest.mark.parametrize("kills", [4, pytest.param(22, marks=pytest.mark.long)])
def test_every_article_is_found_once_after_kills(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch], kills: int
) -> None:
    world = serve_world("--head-start", "15", "--every", f"{kills / 40}")
    wirewatch = reading(world)
    lives = random.Random(20160314)
    for _ in range(kills):
        process = wirewatch.start("run")
        time.sleep(lives.uniform(*LIFE_SECONDS))  # at any moment: there is nothing to wait for
        assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()

    wait_until(lambda: len(world.published()) == len(bundled().articles), "the last article")
    wirewatch.run("run", "--once")
    for _ in range(10):  # a page that was busy when a kill came may be due only later
        if not wirewatch.status()["retries"]:
            break
        wirewatch.run("run", "--once")

    found = urls(wirewatch.search())
    assert len(found) == len(set(found)), "an article was indexed twice"
    assert set(found) == world.expected("indexed")
    status = wirewatch.status()
    assert all(stage["lag"] == 0 for stage in status["stages"])
    assert sum(pile["count"] for pile in status["quarantine"]) == len(world.expected("quarantined"))
    assert status["retries"] == []
