"""Which addresses are reached: public ones, and what the operator allows."""

from ipaddress import ip_address

import pytest

from app.domain.events.addresses import (
    is_allowed,
    is_public,
    is_reachable,
    read_address,
    read_networks,
)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1",
        "100.64.0.1", "169.254.169.254", "192.0.2.1", "198.18.0.1", "192.0.0.170", "224.0.1.1",
        "240.0.0.1", "255.255.255.255", "192.0.0.192", "192.0.0.9", "168.63.129.16",
        "100.100.100.200", "192.88.99.1", "203.0.113.7", "3fff::1", "::", "::1", "fe80::1",
        "fe80::1%eth0", "fc00::1",
        "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_what_is_somebodys_own_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1",
        "::ffff:168.63.129.16", "64:ff9b::a83f:8110", "2002:a83f:8110::1", "::ffff:192.0.0.192",
        "2001:0:7f00:1::", "2001:0:808:808:0:0:80ff:fffe",
    ],
)  # fmt: skip
def test_an_address_inside_another_counts(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "168.63.129.17",
        "192.0.1.1",
        "::ffff:8.8.8.8",
        "2606:4700::1111",
        "64:ff9b::808:808",
    ],
)
def test_what_is_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))
    assert is_reachable(ip_address(address), ())


def test_what_the_operator_allows_is_reached_however_it_is_written() -> None:
    allowed = read_networks("10.1.0.0/16, ::1/128")
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "::1"):
        assert is_allowed(ip_address(address), allowed)
        assert is_reachable(ip_address(address), allowed)
        assert not is_reachable(ip_address(address), ())
    for address in ("10.2.0.1", "::ffff:10.2.0.1", "127.0.0.1"):
        assert not is_reachable(ip_address(address), allowed)


def test_networks_are_read() -> None:
    assert read_networks("") == ()
    assert [str(each) for each in read_networks("10.0.0.0/8,fd00::/8 ,")] == [
        "10.0.0.0/8",
        "fd00::/8",
    ]
    for text in ("10.0.0.1/8", "localhost", "10.0.0.0/33"):
        with pytest.raises(ValueError, match=r"\S"):
            read_networks(text)


def test_a_host_is_an_address_or_a_name() -> None:
    assert read_address("[::1]") == read_address("::1") == ip_address("::1")
    assert read_address("helpdesk.example") is None
