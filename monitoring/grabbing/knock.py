"""Knocking: is anybody there? A plain connection to hundreds of addresses at once, no picture.

For cameras that are known to be dead and for uplinks: 0.1 ms of processor time each, and as long
as the slowest takes, instead of a thread and a probe's whole time-out for everyone.
"""

import asyncio
import ipaddress
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from cameras.addresses import AddressError, host_and_port
from monitoring.grabbing.network import (
    CONNECT_SECONDS,
    Deadline,
    check_network,
    resolve,
    unreachable,
)
from monitoring.grabbing.pictures import GrabError
from monitoring.verdicts import Reason

# Fewer than the files that a process may have open (1,024 where nobody raised it).
AT_ONCE = 400
_RESOLVERS = 32  # threads that ask for names; numbers need none


def knock(addresses: Sequence[str]) -> list[GrabError | None]:
    """For each address (of a camera, or `host:port`) None when somebody answers, else why not."""
    if not addresses:
        return []
    return asyncio.run(_knock_at_all(addresses))


async def _knock_at_all(addresses: Sequence[str]) -> list[GrabError | None]:
    room = asyncio.Semaphore(AT_ONCE)
    with ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolve") as resolvers:

        async def answer(address: str) -> GrabError | None:
            async with room:
                try:
                    await _knock(address, resolvers)
                except GrabError as error:
                    return error
            return None

        return await asyncio.gather(*map(answer, addresses))


async def _knock(address: str, resolvers: ThreadPoolExecutor) -> None:
    try:
        host, port = host_and_port(address)
    except AddressError as error:
        raise GrabError(Reason.NOT_FOUND, f"the address may not be probed: {error}") from None
    number = host if _is_number(host) else await _number_of(host, port, resolvers)
    check_network(number)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _reader, writer = await asyncio.open_connection(number, port)
    except OSError as error:  # TimeoutError is one
        raise unreachable(error, number, port) from None
    writer.transport.abort()


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _number_of(host: str, port: int, resolvers: ThreadPoolExecutor) -> str:
    def ask() -> str:
        return resolve(host, port, Deadline(CONNECT_SECONDS))[1]  # its time begins in the thread

    return await asyncio.get_running_loop().run_in_executor(resolvers, ask)
