import platform
import subprocess
import sys
from pathlib import Path

import pytest

ALLOCATING = """
import ctypes, sys, threading
from wirewatch.process.malloc import share_arenas
share_arenas()

libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
ready = threading.Barrier(9)
def allocate():
    kept = [bytes(1000) for _ in range(1000)]
    ready.wait()
    ready.wait()
for _ in range(8):
    threading.Thread(target=allocate).start()
ready.wait()
file = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(file))
libc.fclose(ctypes.c_void_p(file))
ready.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has heaps of threads")
def test_threads_share_their_heaps(tmp_path: Path) -> None:
    told = tmp_path / "heaps.xml"
    subprocess.run([sys.executable, "-c", ALLOCATING, str(told)], check=True)
    assert told.read_text().count("<heap nr=") == 2
