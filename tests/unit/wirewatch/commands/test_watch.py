import os
import signal
import subprocess
import sys

import pytest
from samples.places import ROOT
from waiting import PATIENCE, in_thread

from stream.errors import ConfigError, RetryLater
from wirewatch.commands.screen import Screen
from wirewatch.commands.watch import watch

PROGRAM = """
import signal
from itertools import count
from wirewatch.commands.watch import watch
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
looks = count(1)
watch(lambda screen: screen.print(f"look {next(looks)}"), 0.05)
"""


def test_in_a_pipe_each_look_follows_the_last_until_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter(["first", RetryLater("disk", "the disk is full"), "third \x1b[2J", KeyboardInterrupt()])

    def show(screen: Screen) -> None:
        answer = next(answers)
        if isinstance(answer, BaseException):
            raise answer
        screen.print(answer)

    watch(show, 0)
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line] == [
        "first",
        "It can't be told now: the disk is full",
        "third \ufffd[2J",
    ]


def test_what_is_wrong_from_the_start_is_an_error() -> None:
    def show(_: Screen) -> None:
        raise ConfigError("there is no data yet")

    with pytest.raises(ConfigError):
        watch(show, 0)


@pytest.mark.skipif(os.name == "nt", reason="terminals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_terminal_is_redrawn_and_left_as_it_was(number: int) -> None:
    ours, theirs = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "PYTHONPATH": str(ROOT), "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=ROOT
    )
    os.close(theirs)
    said = b""

    def read_until(what: bytes) -> None:
        nonlocal said
        while what not in said:
            said += os.read(ours, 10_000)

    try:
        in_thread(lambda: read_until(b"look 3"))
        process.send_signal(number)
        in_thread(lambda: read_until(b"\x1b[?1049l"))  # the terminal's own screen again
        assert process.wait(timeout=PATIENCE) == 0
        assert b"\x1b[?25h" in said, "the cursor is back"
        assert b"Traceback" not in said
    finally:
        process.kill()
        os.close(ours)
