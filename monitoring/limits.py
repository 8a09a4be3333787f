"""Limits: how long a probe may take. Pure, and loads no codec."""

from dataclasses import dataclass

# The longest silence between two packets. Even a camera that sends one picture a second speaks
# more often.
READ_SECONDS = 4.0


@dataclass(frozen=True)
class Limits:
    """Seconds that a routine look may take, and how long a burst lasts beyond that."""

    timeout_s: float = 10.0
    burst_s: float = 6.0

    @property
    def addresses_s(self) -> float:
        """Seconds for all addresses of a camera together: one in vain, and another."""
        return 2 * self.timeout_s

    @property
    def longest_s(self) -> float:
        """Seconds that one camera may take: its addresses, and a burst from the last of them."""
        return self.addresses_s + READ_SECONDS + self.timeout_s + self.burst_s + READ_SECONDS
