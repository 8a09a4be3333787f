"""What pictures needed stays with the process for the next ones, and goes back afterwards."""

import subprocess
import sys

import pytest

_PROGRAM = """
import threading, resource
import numpy as np, psutil
from monitoring import heap

def resident():
    return psutil.Process().memory_info().rss // 2**20

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def pictures():
    all = [np.ones((1080, 1920), np.uint8) for _each in range(40)]

def in_a_thread():
    thread = threading.Thread(target=pictures)
    thread.start()
    thread.join()

def faults_of_one_more():
    began = faults()
    in_a_thread()
    return faults() - began

heap.keep()
in_a_thread()
# A thread may be given the other of the two heaps: then it is that one's first time.
again = min(faults_of_one_more() for _each in range(3))
kept = resident()
heap.give_back()
print(again, kept - resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="another C library")
def test_memory_is_kept_for_the_next_pictures_and_given_back_at_last() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    faults, given_back_mb = map(int, said.stdout.split())
    assert faults < 10_000  # of 20,000 pages that eighty megabytes have
    assert given_back_mb >= 40
