from ingest.polling.outage import LAST_POLLS, Outage


def test_we_are_offline_if_no_host_is_reached() -> None:
    outage = Outage()
    for n in range(LAST_POLLS):
        assert not outage.is_on()
        outage.note(f"{n % 3}.example", "dns")
    assert outage.is_on()
    outage.note("a.example", "http-500")
    assert not outage.is_on()


def test_one_host_that_is_down_is_not_an_outage() -> None:
    outage = Outage()
    for _ in range(3 * LAST_POLLS):
        outage.note("a.example", "timeout")
    assert not outage.is_on()


def test_a_proxy_that_is_down_cuts_us_off() -> None:
    outage = Outage()
    for n in range(LAST_POLLS):
        outage.note(f"{n}.example", "proxy")
    assert outage.is_on()
