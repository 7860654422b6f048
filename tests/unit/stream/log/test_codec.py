import random
import threading

from hypothesis import given
from hypothesis import strategies as st
from waiting import PATIENCE

from stream.log.codec import Codec


@given(st.binary(max_size=2000))
def test_a_value_comes_back_and_never_grows(value: bytes) -> None:
    codec = Codec()
    packed, stored = codec.pack(value)
    assert codec.unpack(packed, stored) == value
    assert len(stored) < len(value) if packed else stored == value


def test_text_shrinks_and_noise_is_left_alone() -> None:
    codec = Codec()
    packed, stored = codec.pack(b"the same words, " * 100)
    assert packed
    assert len(stored) < 100
    assert not codec.pack(random.Random(1).randbytes(1000))[0]


def test_threads_may_share_it() -> None:
    codec = Codec()
    values = [random.Random(number).randbytes(100) * 500 for number in range(4)]
    wrong: list[int] = []

    def work(value: bytes) -> None:
        wrong.append(sum(codec.unpack(*codec.pack(value)) != value for _ in range(200)))

    threads = [threading.Thread(target=work, args=(value,)) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert wrong == [0, 0, 0, 0]
