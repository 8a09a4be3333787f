"""A farm of cameras on loopback: real streams, from good cameras and bad ones.

``with Farm() as farm`` for tests, ``python -m tests.farm`` for the demo.
"""

from tests.farm.faults import FAULTS, FarmError, Fault
from tests.farm.server import Farm, FarmCamera

__all__ = ["FAULTS", "Farm", "FarmCamera", "FarmError", "Fault"]
