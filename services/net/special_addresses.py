"""Addresses that are not public, by range, each with the name that its registry gives it.

Sources: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890) as of 2026, multicast, the
metadata services of clouds, and the IPv6 forms that embed an IPv4 address. Python's `ipaddress` knows fewer
ranges, and not the same ones in each version.
"""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Narrower ranges come first: they give the better reason.
_CLOUDS = """
168.63.129.16/32     platform service of Azure
169.254.169.254/32   metadata service of clouds
169.254.170.2/32     credentials service of Amazon ECS
169.254.170.23/32    credentials service of Amazon EKS
169.254.0.23/32      metadata service of Tencent Cloud
100.100.100.200/32   metadata service of Alibaba Cloud
192.0.0.192/32       metadata service of Oracle Cloud
fd00:ec2::254/128    metadata service of Amazon EC2
fd00:ec2::23/128     credentials service of Amazon EKS
fd20:ce::254/128     metadata service of Google Cloud
fd00:c1::a9fe:a9fe/128 metadata service of Oracle Cloud
"""
_REGISTERED = """
0.0.0.0/8            "This network"
10.0.0.0/8           Private-Use
100.64.0.0/10        Shared Address Space
127.0.0.0/8          Loopback
169.254.0.0/16       Link Local
172.16.0.0/12        Private-Use
192.0.0.0/24         IETF Protocol Assignments
192.0.2.0/24         Documentation (TEST-NET-1)
192.31.196.0/24      AS112-v4
192.52.193.0/24      AMT
192.88.99.0/24       Deprecated (6to4 Relay Anycast)
192.168.0.0/16       Private-Use
192.175.48.0/24      Direct Delegation AS112 Service
198.18.0.0/15        Benchmarking
198.51.100.0/24      Documentation (TEST-NET-2)
203.0.113.0/24       Documentation (TEST-NET-3)
224.0.0.0/4          Multicast
255.255.255.255/32   Limited Broadcast
240.0.0.0/4          Reserved
::1/128              Loopback Address
::/128               Unspecified Address
64:ff9b:1::/48       IPv4-IPv6 Translation, local use
100::/64             Discard-Only Address Block
100:0:0:1::/64       Dummy IPv6 Prefix
2001::/32            TEREDO
2001:2::/48          Benchmarking
2001:3::/32          AMT
2001:4:112::/48      AS112-v6
2001:10::/28         Deprecated (ORCHID)
2001:20::/28         ORCHIDv2
2001:30::/28         Drone Remote ID Protocol Entity Tags
2001::/23            IETF Protocol Assignments
2001:db8::/32        Documentation
2620:4f:8000::/48    Direct Delegation AS112 Service
3fff::/20            Documentation
5f00::/16            Segment Routing (SRv6) SIDs
fc00::/7             Unique-Local
fe80::/10            Link-Local Unicast
fec0::/10            Deprecated (Site-Local)
ff00::/8             Multicast
"""
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214, 6.1: the interface identifier before the IPv4 address
_LOW = 0xFFFFFFFF


def _table(text: str) -> tuple[tuple[Network, str], ...]:
    rows = (line.split(maxsplit=1) for line in text.strip().splitlines())
    return tuple((ipaddress.ip_network(network), name.strip()) for network, name in rows)


RANGES = _table(_CLOUDS) + _table(_REGISTERED)
"""Range to its name."""


def special(address: Address) -> str | None:
    """The range and name of an address that is not public, such as `10.0.0.0/8, Private-Use`; None for a
    public one."""
    for network, name in RANGES:
        if address.version == network.version and address in network:
            carried = _carried(address)
            inner = special(carried[0]) if carried else None
            return f"{network}, {name}" + (
                f", which carries {carried[0]}: {inner}" if carried and inner else ""
            )
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if carried := _carried(address):
        inside, how = carried
        if (inner := special(inside)) is not None:
            return f"{how} address that carries {inside}: {inner}"
        return (
            None
            if how in ("6to4", "NAT64", "IPv4-mapped") or address in _GLOBAL_UNICAST
            else f"{how} address"
        )
    return None if address in _GLOBAL_UNICAST else "outside 2000::/3, Global Unicast"


def _carried(address: Address) -> tuple[ipaddress.IPv4Address, str] | None:
    """The embedded IPv4 address of an IPv6 one, and the form that embeds it."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    number = int(address)
    low = ipaddress.IPv4Address(number & _LOW)
    if address.ipv4_mapped:
        return address.ipv4_mapped, "IPv4-mapped"
    if address.sixtofour:
        return address.sixtofour, "6to4"
    if address.teredo:
        return address.teredo[1], "Teredo"
    if address in _NAT64:
        return low, "NAT64"
    if address in _COMPATIBLE:
        return low, "IPv4-compatible"
    return (low, "ISATAP") if (number >> 32) & _LOW in _ISATAP else None
