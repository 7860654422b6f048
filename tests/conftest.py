"""How the tests run: on all cores, long ones only on request, with one set of real servers."""

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import Phase, settings
from servers import elasticsearch as elasticsearch_server
from servers.ci import in_ci, skip
from servers.maven import Unavailable
from servers.shared import Desk, Servers, ask

# An example may take any time on a busy machine: no test asserts a time.
settings.register_profile("wirewatch", deadline=None)
# CI tries the same examples each time, so that only a change can fail it; `nightly` looks for new ones, and many more.
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.register_profile("nightly", deadline=None, max_examples=1000)
# For bench.mutation: a mutant must be caught, not explained.
settings.register_profile("mutation", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if in_ci() else "wirewatch"))

SERVERS, DESK, LEFT_OUT = pytest.StashKey[Servers](), pytest.StashKey[Desk](), pytest.StashKey[int]()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Spread a run over all cores, file by file, unless -n says otherwise or files or tests were named: a few tests finish
    before workers would have started. There is one worker more than cores, since many tests wait for processes."""
    if "PYTEST_XDIST_WORKER" in os.environ or getattr(config.option, "numprocesses", 0) is not None:
        return
    named = all(".py" in argument for argument in config.args)
    if not named and not config.option.usepdb and not config.option.collectonly:
        config.option.numprocesses = (os.cpu_count() or 1) + 1
        config.option.dist = "loadfile"
        config.option.loadscopereorder = False  # slowest first, in order of collection


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVERS] = Servers()


def pytest_unconfigure(config: pytest.Config) -> None:
    if DESK in config.stash:
        config.stash[DESK].close()
    config.stash[SERVERS].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker where to get the addresses of servers."""
    stash = node.config.stash  # type: ignore[attr-defined]  # xdist has no types for it
    desk = stash.setdefault(DESK, None) or Desk(stash[SERVERS])
    stash[DESK] = desk
    node.workerinput["desk"] = dict(desk.for_workers())  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """A worker has ended."""
    left_out = getattr(node, "workeroutput", {}).get("left_out", 0)
    node.config.stash[LEFT_OUT] = left_out  # type: ignore[attr-defined]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out, unless they are chosen by -m or by name."""
    if config.option.markexpr or any("::" in argument for argument in config.args):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    config.stash[LEFT_OUT] = len(long)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(LEFT_OUT, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    number = config.stash.get(LEFT_OUT, 0)
    if number:
        tests = "1 long test was" if number == 1 else f"{number} long tests were"
        terminalreporter.write_line(f"{tests} left out; run them with: pytest -m long")


def _address(config: pytest.Config, name: str) -> str:
    try:
        if hasattr(config, "workerinput"):
            return ask(config.workerinput["desk"], name)
        return config.stash[SERVERS].address(name)
    except Unavailable as error:
        skip(str(error))


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Restore logging: a command that a test calls in this process logs to that call's output, which is then closed."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> str:
    """The bootstrap servers of a real broker."""
    return _address(pytestconfig, "kafka")


@pytest.fixture(scope="session")
def elasticsearch(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of a real Elasticsearch; also in the environment, for the processes that tests start."""
    url = _address(pytestconfig, "elasticsearch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(elasticsearch_server.VARIABLE, url)
        yield url
