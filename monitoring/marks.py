"""Marks of batches: random, and with the moment at which they were made in front (as UUIDv7).

The claim on a camera thereby says since when it stands, without a column of its own.
"""

import secrets
import uuid
from datetime import UTC, datetime

_RANDOM_BITS = 80


def new_mark(now: datetime) -> uuid.UUID:
    """A mark that nobody else makes. Marks sort by their moment, to the millisecond."""
    milliseconds = int(now.timestamp() * 1000)
    number = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return uuid.UUID(int=number & ~(0xF000 << 64) & ~(0xC000 << 48) | 0x7000 << 64 | 0x8000 << 48)


def marked_at(mark: uuid.UUID) -> datetime:
    """When the mark was made."""
    return datetime.fromtimestamp((mark.int >> _RANDOM_BITS) / 1000, UTC)
