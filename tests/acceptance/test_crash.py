"""Kill it at any moment: after recovery every article is in the index, exactly once."""

import random
import time
from collections.abc import Callable

from acceptance.command import Wirewatch, World, urls

from demo.world import bundled

KILLS = 22
LIFE_SECONDS = (0.4, 3.0)
"""How long the command lives before it is killed: some lives end before it has opened its files, some amid the work."""


def test_every_article_is_found_once_after_twenty_two_kills(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    world = serve_world("--head-start", "15", "--every", "0.5")
    wirewatch = reading(world)
    lives = random.Random(20160314)
    for _ in range(KILLS):
        process = wirewatch.start("run")
        time.sleep(lives.uniform(*LIFE_SECONDS))
        assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()

    while len(world.published()) < len(bundled().articles):
        time.sleep(0.5)
    wirewatch.run("run", "--once", seconds=120)

    found = urls(wirewatch.search())
    assert len(found) == len(set(found)), "an article was indexed twice"
    assert set(found) == world.expected("indexed")
    status = wirewatch.status()
    assert all(stage["lag"] == 0 for stage in status["stages"])
    assert sum(pile["count"] for pile in status["quarantine"]) == len(world.expected("quarantined"))
    assert status["retries"] == []
