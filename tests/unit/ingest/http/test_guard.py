"""Which addresses may be contacted."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ingest.http.guard import SPECIAL_V4, BlockedAddress, check, is_public, is_web_port

NOT_PUBLIC = """
    0.0.0.0 0.0.0.1 0.255.255.255
    10.0.0.0 10.0.0.1 10.255.255.255
    100.64.0.0 100.100.100.200 100.127.255.255
    127.0.0.1 127.1.2.3 127.255.255.255
    168.63.129.16
    169.254.0.1 169.254.169.254 169.254.170.2
    172.16.0.1 172.31.255.255
    192.0.0.0 192.0.0.7 192.0.0.8 192.0.0.11 192.0.0.170 192.0.0.171 192.0.0.192 192.0.0.255
    192.0.2.1 192.88.99.1 192.88.99.2 192.168.0.1 192.168.255.255
    198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
    224.0.0.1 233.252.0.1 239.255.255.255 240.0.0.1 255.255.255.254 255.255.255.255
    :: ::1 ::2
    ::7f00:1 ::a00:1 ::808:808
    ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8
    ::ffff:0:127.0.0.1 ::ffff:0:8.8.8.8
    64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b::6440:1 64:ff9b::0
    64:ff9b:0:0:1::808:808 64:ff9b:1::1 64:ff9b:1::808:808 64:ff9b:1:ffff::7f00:1
    100::1 100:0:0:1::1 200::1 400::1 1000::1
    2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:1:: 2001:1::4 2001:1::ffff 2001:2::1 2001:4:111::1 2001:4:113::1
    2001:5::1 2001:10::1 2001:1f:ffff::1 2001:40::1 2001:1ff:ffff::1
    2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2002:808:808::1 3fff::1 3fff:fff:ffff::1
    2a00:1450::5efe:7f00:1 2a00:1450::200:5efe:a00:1 2606:4700:1:2:0:5efe:c0a8:1 fe80::5efe:808:808
    4000::1 5f00::1 8000::1
    fc00::1 fd00:ec2::254 fd20:ce::254 fdff::1
    fe80::1 fe80::a9fe:a9fe fe80::1%eth0 febf::1 fec0::1 feff::1
    ff00::1 ff02::1 ff05::2 ff0e::1
""".split()  # noqa: SIM905 - a table is easier to read than a hundred lines

PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
    168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.1 192.0.3.0
    192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 203.0.112.255 203.0.114.0 223.255.255.255
    192.0.0.9 192.0.0.10 192.31.196.1 192.52.193.1 192.175.48.1
    64:ff9b::808:808 64:ff9b::5db8:d822
    2001:1::1 2001:1::2 2001:1::3 2001:3::1 2001:4:112::1 2001:20::1 2001:2f:ffff::1 2001:30::1 2001:3f:ffff::1
    2620:4f:8000::1 2a00:1450::5efe:808:808
    2001:200::1 2001:4860:4860::8888 2001:db7::1 2001:db9::1 2003::1 2400:cb00::1 2606:4700::1111
    2620:4f:7fff::1 2620:4f:8001::1 2a00:1450::1 2c00::1 3ffe:ffff::1 3fff:1000::1
""".split()  # noqa: SIM905


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_special_addresses_are_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_ordinary_addresses_and_the_neighbours_of_special_blocks_are_public(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_nothing_public_is_special_by_the_standard_library(address: IPv4Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast


@given(st.sampled_from(SPECIAL_V4), st.data())
def test_no_ipv6_form_opens_a_special_ipv4_address(block: object, data: st.DataObject) -> None:
    network = ip_network(str(block))
    address = int(network[data.draw(st.integers(0, network.num_addresses - 1))])
    assume(not is_public(IPv4Address(address)))
    forms = (
        IPv6Address(address),  # compatible
        IPv6Address(0xFFFF << 32 | address),  # mapped
        IPv6Address(0xFFFF << 48 | address),  # translated
        IPv6Address(0x64_FF9B << 96 | address),  # NAT64
        IPv6Address(0x2002 << 112 | address << 80 | 1),  # 6to4
        IPv6Address(0x2001_0000 << 96 | address ^ 0xFFFF_FFFF),  # Teredo
        IPv6Address(0x2A00_1450 << 96 | 0x5EFE << 32 | address),  # ISATAP
    )
    assert [str(form) for form in forms if is_public(form)] == []


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_public_ipv6_is_global_unicast_or_nat64(address: IPv6Address) -> None:
    if is_public(address):
        assert address in ip_network("2000::/3") or address in ip_network("64:ff9b::/96")


@pytest.mark.parametrize("port", [80, 443, 1024, 8000, 8080, 8443, 9999, 65535])
def test_web_ports(port: int) -> None:
    assert is_web_port(port)


@pytest.mark.parametrize(
    "port", [0, 1, 22, 25, 79, 81, 444, 1023, 2049, 5060, 6000, 6379, 6667, 6669, 9200, 10080]
)
def test_ports_of_other_protocols(port: int) -> None:
    assert not is_web_port(port)


def test_check_names_the_address() -> None:
    with pytest.raises(BlockedAddress) as caught:
        check(ip_address("169.254.169.254"), 80, [])
    assert caught.value.target == "169.254.169.254, which is not a public address"


def test_check_names_the_port() -> None:
    with pytest.raises(BlockedAddress) as caught:
        check(ip_address("8.8.8.8"), 25, [])
    assert caught.value.target == "port 25 of 8.8.8.8, which is not a port for web pages"


def test_an_allowed_network_opens_itself_on_every_port_and_nothing_else() -> None:
    allowed = [ip_network("10.1.0.0/16"), ip_network("fd00::/64")]
    check(ip_address("10.1.2.3"), 22, allowed)
    check(ip_address("fd00::1"), 6667, allowed)
    for outside in ("10.2.0.1", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd00:0:0:1::1"):
        with pytest.raises(BlockedAddress):
            check(ip_address(outside), 80, allowed)


def test_a_port_that_the_user_has_named_is_open_at_public_addresses_only() -> None:
    check(ip_address("8.8.8.8"), 81, [], {81})
    for address, port in (("8.8.8.8", 82), ("10.0.0.1", 81)):
        with pytest.raises(BlockedAddress):
            check(ip_address(address), port, [], {81})


def test_public_addresses_pass() -> None:
    check(ip_address("93.184.216.34"), 443, [])
    check(ip_address("2606:4700::1111"), 8080, [])
