"""WS-Discovery: a call to all on the local network, and who answers. No Django in here.

One datagram and its answers. The library for it (WSDiscovery) keeps threads and sockets of its own
for announcing services, and never hears the answer to a question that was put to one host.
"""

import contextlib
import socket
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree import ElementTree

import ifaddr

from cameras.networks import is_number, is_refused

__all__ = ["search"]

_EVERYBODY = ("239.255.255.250", 3702)
_MOST_ANSWERS = 2000
_MATCHES = "{http://schemas.xmlsoap.org/ws/2005/04/discovery}XAddrs"
_RELATES = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}RelatesTo"
_PROBE = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>
<a:MessageID>{mark}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>
</s:Header><s:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body>
</s:Envelope>"""


def search(seconds: float = 4.0, at: tuple[str, int] | None = None) -> list[tuple[str, int]]:
    """(host, port) of every device's ONVIF service, sorted.

    Asked are all on the local network by multicast, or one host and UDP port. Where no camera may
    be (see networks.py), none is found, nor under a name.
    """
    mark = f"urn:uuid:{uuid.uuid4()}"
    question = _PROBE.format(mark=mark).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.bind(("", 0))
        if at is not None:
            asker.sendto(question, at)
        else:
            _ask_everybody(asker, question)
        found = {place for data in _answers(asker, seconds) if (place := _place(data, mark))}
    return sorted(found)


def _ask_everybody(asker: socket.socket, question: bytes) -> None:
    """On every network that this machine has a leg in; twice, because datagrams get lost."""
    asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    legs = [each.ip for adapter in ifaddr.get_adapters() for each in adapter.ips if each.is_IPv4]
    for leg in [*legs, *legs]:
        with contextlib.suppress(OSError):  # a leg without multicast
            asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(str(leg)))
            asker.sendto(question, _EVERYBODY)


def _answers(asker: socket.socket, seconds: float) -> Iterator[bytes]:
    ends = time.monotonic() + seconds
    for _number in range(_MOST_ANSWERS):
        left = ends - time.monotonic()
        if left <= 0:
            return
        asker.settimeout(left)
        try:
            yield asker.recv(65535)
        except TimeoutError:
            return
        except OSError:  # an answer to what was sent to a closed port
            continue


def _place(data: bytes, mark: str) -> tuple[str, int] | None:
    """Where the device that sent this answer is to be asked; None for anything else."""
    # Neither entities nor a coding that hides them.
    if b"<!" in data or b"\0" in data:
        return None
    try:
        answer = ElementTree.fromstring(data)  # noqa: S314  without entities there is no bomb
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    if (answer.findtext(f".//{_RELATES}") or "").strip() != mark:
        return None
    # A device may name several addresses, link-local ones among them: the first of use.
    for address in (answer.findtext(f".//{_MATCHES}") or "").split():
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            continue
        host = parts.hostname or ""
        if parts.scheme == "http" and is_number(host) and not is_refused(host):
            return host, port or 80
    return None
