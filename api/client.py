"""From where it is asked: the address that limits count by and logs name; and by https or not."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

from api.settings import Network

_UNKNOWN = "unknown"  # a client on a Unix socket has no address
_HOST_BITS_OF_V6 = 64  # a single host is given that many addresses to choose from


def client_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """The client's address: of the socket, or, behind trusted proxies, as they forwarded it.

    Each proxy adds at the right of X-Forwarded-For whom it was asked by; what stands left of the
    first address that is no trusted proxy anyone may have written.
    """
    peer: str = scope["client"][0] if scope.get("client") else _UNKNOWN
    if not trusted or not _is_within(peer, trusted):
        return peer
    forwarded = [
        address.strip()
        for name, value in scope["headers"]
        if name == b"x-forwarded-for"
        for address in value.decode("latin-1").split(",")
    ]
    for address in reversed(forwarded):
        if _parsed(address) is None:
            break  # no address: whoever wrote it is the last that is known
        peer = address
        if not _is_within(address, trusted):
            break
    return peer


def is_https(scope: Scope, trusted: Sequence[Network]) -> bool:
    """Whether the client asks by https: of this server or, as it forwards, of a trusted proxy."""
    if scope["scheme"] == "https":
        return True
    if not scope.get("client") or not _is_within(scope["client"][0], trusted):
        return False
    # The last one is what the proxy next to this server wrote.
    told = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    return bool(told) and told[-1].split(b",")[-1].strip().lower() == b"https"


@lru_cache(maxsize=4096)
def counted_as(client: str) -> str:
    """What a client's requests are counted by: its address, of IPv6 its network."""
    address = _parsed(client)
    if address is None:
        return client
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _HOST_BITS_OF_V6), strict=False))
    return str(address)


@lru_cache(maxsize=4096)
def _is_within(client: str, networks: Sequence[Network]) -> bool:
    address = _parsed(client)
    return address is not None and any(address in network for network in networks)


def _parsed(client: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(client)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
