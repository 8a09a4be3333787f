"""``python -m tests.farm``: run the demo's cameras, or break and mend them while they run."""

from __future__ import annotations

import argparse
import http.client
import json
import sys
from pathlib import Path
from typing import Any

from tests.farm import demo
from tests.farm.catalogue import DEMO_CATALOGUE
from tests.farm.clips import default_directory
from tests.farm.faults import FAULTS, FarmError

_PORT = 18_600
_COMMANDS = ("run", "break", "mend", "list", "faults")
_PATIENCE_S = 60.0  # a fault's pictures may have to be drawn first
_ANSWER_LIMIT = 1_000_000


def main(arguments: list[str]) -> int:
    """Do what the command line says; gives the exit status."""
    if not arguments or (arguments[0] not in (*_COMMANDS, "-h", "--help")):
        arguments = ["run", *arguments]
    options = _parser().parse_args(arguments)
    try:
        options.deed(options)
    except FarmError as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.farm", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, deed: Any, explanation: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=explanation, description=explanation)
        one.set_defaults(deed=deed)
        if name != "faults":
            one.add_argument("--port", type=int, default=_PORT, help="of the control server")
        return one

    run = command("run", _run, "put up the catalogue's cameras (when no command is given)")
    run.add_argument("--catalogue", type=Path, default=DEMO_CATALOGUE, help="a JSON file")
    run.add_argument("--clips", type=Path, default=default_directory(), help="where films are kept")
    run.add_argument("--state", type=Path, help="remembers what was broken and mended")
    breaking = command("break", _break, "give a camera a fault")
    breaking.add_argument("camera", nargs="?", default="")
    breaking.add_argument("fault", nargs="?", default="")
    mending = command("mend", _mend, "take a camera's fault away")
    mending.add_argument("camera", nargs="?", default="")
    command("list", _list, "show the cameras that run")
    command("faults", _faults, "show what can be wrong with a camera")
    return parser


def _run(options: argparse.Namespace) -> None:
    demo.run(options.port, options.catalogue, options.clips, options.state)


def _break(options: argparse.Namespace) -> None:
    if not options.camera or not options.fault:
        raise FarmError(
            "Name a camera and a fault: make break CAMERA=PA-MGR-01 FAULT=black\n"
            f"Faults: {', '.join(FAULTS)}."
        )
    wanted = {"camera": options.camera, "fault": options.fault}
    print(_ask(options.port, "POST", "/break", wanted)["message"])


def _mend(options: argparse.Namespace) -> None:
    if not options.camera:
        raise FarmError("Name a camera: make mend CAMERA=PA-MGR-01")
    print(_ask(options.port, "POST", "/mend", {"camera": options.camera})["message"])


def _list(options: argparse.Namespace) -> None:
    for one in _ask(options.port, "GET", "/cameras")["cameras"]:
        watched = f"{one['clients']} connected" if one["clients"] else ""
        print(f"{one['code']:12} {one['port']}  {one['fault'] or 'healthy':15} {watched}".rstrip())


def _faults(_options: argparse.Namespace) -> None:
    for fault in FAULTS.values():
        print(f"{fault.name:15} {fault.description}")


def _ask(port: int, method: str, path: str, wanted: Any = None) -> dict[str, Any]:
    """The control server's answer; raises FarmError with its sentence when it refuses."""
    body = None if wanted is None else json.dumps(wanted)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        said = json.loads(answer.read(_ANSWER_LIMIT))
    except ConnectionRefusedError:
        raise FarmError(
            f"No camera farm listens on port {port}. Start one with “make run”, or name its port "
            "(FARM_PORT=)."
        ) from None
    except (OSError, http.client.HTTPException, OverflowError, ValueError) as problem:
        raise FarmError(f"No camera farm answers on port {port}: {problem}.") from None
    finally:
        connection.close()
    if not isinstance(said, dict) or not said.keys() & {"message", "cameras"}:
        raise FarmError(f"What answers on port {port} is no camera farm.")
    if answer.status != 200:
        raise FarmError(said.get("message", f"The farm answered {answer.status}."))
    return said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
