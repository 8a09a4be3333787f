"""The farm's control server: tells how the cameras are, breaks and mends them. Loopback only.

    GET /ready     200 when every camera has something to show, else 503
    GET /cameras   code, port, fault and number of connections of each camera
    POST /break    {"camera": code, "fault": name}
    POST /mend     {"camera": code}

Every answer is JSON; the sentence for people is in ``message``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from tests.farm.door import Door
from tests.farm.faults import FarmError
from tests.farm.messages import Request, read_request, response
from tests.farm.server import AsyncFarm
from tests.farm.state import State

__all__ = ["Control"]

_OWN_NAMES = {"127.0.0.1", "localhost"}
_ASKED_WITHIN_S = 10.0
_DEEDS = {"/ready": "GET", "/cameras": "GET", "/break": "POST", "/mend": "POST"}
_Answer = tuple[int, dict[str, Any]]


class _Refused(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Control:
    """Answers one request a connection."""

    def __init__(
        self, farm: AsyncFarm, port: int, state: State, say: Callable[[str], None]
    ) -> None:
        self._farm, self._state, self._say = farm, state, say
        self._door = Door("the control server", port, self._serve)
        self._talks: set[asyncio.Task[None]] = set()
        self.ready_count = 0  # cameras that have something to show

    async def open(self) -> None:
        await self._door.open()

    async def close(self) -> None:
        await self._door.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            status, answer = await self._heard(reader)
            headers = {"Content-Type": "application/json", "Connection": "close"}
            body = json.dumps(answer, ensure_ascii=False).encode() + b"\n"
            writer.write(response("HTTP/1.1", status, headers, body))
            await writer.drain()
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            pass
        finally:
            self._talks.discard(talk)
            writer.close()

    async def _heard(self, reader: asyncio.StreamReader) -> _Answer:
        async with asyncio.timeout(_ASKED_WITHIN_S):
            request = await read_request(reader)
        try:
            if request is None:
                raise _Refused(400, "This is no HTTP request, or its body is too large.")
            _check(request)
            return await self._answer(request)
        except _Refused as refusal:
            return refusal.status, {"message": str(refusal)}
        except FarmError as problem:
            return 400, {"message": str(problem)}

    async def _answer(self, request: Request) -> _Answer:
        if request.path == "/ready":
            return self._ready()
        if request.path == "/cameras":
            return 200, {"cameras": self._cameras()}
        wanted = _body_of(request)
        camera = self._farm.camera(wanted("camera"))
        if request.path == "/break":
            await self._farm.break_(camera.code, wanted("fault"))
        else:
            await self._farm.mend(camera.code)
        self._state.note(camera.code, camera.fault_name or None)
        message = f"{camera.code}: {camera.fault_name or 'healthy'}."
        self._say(message)
        return 200, {"message": message}

    def _ready(self) -> _Answer:
        count, total = self.ready_count, len(self._farm.cameras)
        everyone = total > 0 and count == total
        message = f"{count} of {total} cameras have something to show."
        return 200 if everyone else 503, {"message": message, "ready": count, "cameras": total}

    def _cameras(self) -> list[dict[str, Any]]:
        return [
            {
                "code": camera.code,
                "port": camera.port,
                "fault": camera.fault_name or None,
                "clients": camera.client_count,
            }
            for camera in self._farm.cameras.values()
        ]


def _check(request: Request) -> None:
    """Refuse what is not meant for us, above all what a web page makes a browser send."""
    host = request.headers.get("host", "").rpartition(":")
    name = (host[0] if host[2].isdigit() else "".join(host)).lower()
    if name not in _OWN_NAMES:
        raise _Refused(403, "This server answers to 127.0.0.1 and localhost only (header Host).")
    if "origin" in request.headers:
        raise _Refused(403, "Web pages may not ask this server (header Origin).")
    if request.path not in _DEEDS:
        raise _Refused(404, f"There is no {request.path} here, but {', '.join(_DEEDS)}.")
    if request.method != _DEEDS[request.path]:
        raise _Refused(405, f"{request.path} is asked for with {_DEEDS[request.path]}.")


def _body_of(request: Request) -> Callable[[str], str]:
    """Looks texts up in the request's JSON."""
    body: Any = None
    with contextlib.suppress(ValueError):
        body = json.loads(request.body)

    def wanted(key: str) -> str:
        text = body.get(key) if isinstance(body, dict) else None
        if not isinstance(text, str) or not text:
            raise _Refused(400, f"The body must be a JSON object with “{key}”, a text.")
        return text

    return wanted
