"""`python -m tests.bench [name …]`: run the benchmarks, each in a process of its own."""

import argparse
import importlib
import os
import platform
import signal
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import psutil

from cameras import networks
from tests.bench.results import Options, Result, as_table, load, save
from tests.supervisor.helpers import ROOT

ALL = (
    "grabbing",
    "look",
    "probe_cost",
    "silent_neighbours",
    "rounds",
    "tickets",
    "report",
    "pages",
    "town",
    "city",
    "soak",
    "import_cameras",
)
DOCUMENT = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of: {', '.join(ALL)}")
    parser.add_argument("--quick", action="store_true", help="to try the benchmarks themselves")
    parser.add_argument("--minutes", type=float, default=15, help="how long the soak lasts")
    parser.add_argument("--cameras", type=int, default=1200, help="how many the soak probes")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.relative_to(ROOT)}")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)  # we are the child
    given = parser.parse_args()
    unknown = set(given.names) - set(ALL)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(ALL)}")
    options = Options(given.quick, given.minutes, given.cameras)
    # Ended from outside, the processes of a benchmark are ended as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if given.into:
        save(_run_here(given.names[0], options), given.into)
        return
    results: list[Result] = []
    for name in given.names or ALL:
        print(f"=== {name}", flush=True)
        results += _run_apart(name, sys.argv[1:])
    print(as_table(results))
    if given.write:
        DOCUMENT.write_text(_document(results, options))
    sys.exit(any(each.met is False for each in results))


def _run_apart(name: str, arguments: list[str]) -> list[Result]:
    """Each benchmark has its own settings, database and files; none is left behind."""
    passed_on = [each for each in arguments if each not in ALL and each != "--write"]
    with tempfile.TemporaryDirectory(prefix="cctv-bench-") as folder:
        into = Path(folder) / "results.json"
        environment = os.environ | {
            "DATA_DIR": f"{folder}/data",
            "ENV_FILE": f"{folder}/no-such-file",
            "PROBE_ALLOWED_NETWORKS": "127.0.0.0/8,::1",
            "REDIS_URL": "",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "monitoring.settings",
        }
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "tests.bench", name, "--into", str(into), *passed_on]
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            if process.wait():
                return [Result(name, "did not come to its end", "–", "", False)]
        finally:
            process.terminate()
            process.wait()
        return load(into)


def _run_here(name: str, options: Options) -> list[Result]:
    networks.allow(networks.read_networks(os.environ["PROBE_ALLOWED_NETWORKS"].split(",")))
    module = importlib.import_module(f"tests.bench.{name}")
    results: list[Result] = module.run(options)
    return results


def _document(results: list[Result], options: Options) -> str:
    memory = psutil.virtual_memory().total / 2**30
    names = dict.fromkeys(each.benchmark for each in results)
    compared = "\n\n".join(
        f"## {name}\n\n{(importlib.import_module(f'tests.bench.{name}').__doc__ or '').strip()}"
        for name in names
    )
    return f"""# Benchmarks

Written by `make bench` on {date.today():%d %B %Y}: {psutil.cpu_count()} cores, {memory:.0f} GB,
{platform.system()} {platform.machine()}, Python {platform.python_version()}. Cameras, database and
Redis share the machine with what is measured. Ratios come from one run and travel; milliseconds and
rates do not.

{as_table(results)}

# What is compared

{compared}
"""


if __name__ == "__main__":
    main()
