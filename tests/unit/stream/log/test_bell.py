import threading

from waiting import PATIENCE, in_thread

from stream.log.bell import Bell


def test_a_ring_between_looking_and_waiting_is_not_missed() -> None:
    bell = Bell()
    before = bell.rings()
    bell.ring()
    assert bell.wait(before, 10)


def test_silence_ends_the_wait_in_time() -> None:
    bell = Bell()
    assert in_thread(lambda: bell.wait(bell.rings(), 0.05)) is False


def test_all_who_wait_are_woken() -> None:
    bell = Bell()
    woken: list[bool] = []
    waiters = [threading.Thread(target=lambda: woken.append(bell.wait(0, PATIENCE))) for _ in range(3)]
    for waiter in waiters:
        waiter.start()
    bell.ring()
    for waiter in waiters:
        waiter.join(PATIENCE)
    assert woken == [True, True, True]
