"""The RTSP side of a camera (RFC 2326): video over the connection itself, nothing else."""

from __future__ import annotations

import re
import secrets

from tests.farm.camera import Camera, Client
from tests.farm.messages import Request, response
from tests.farm.rtp import sdp_of
from tests.farm.stream import Viewer

__all__ = ["RtspSession"]

_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"
_INTERLEAVED = re.compile(r"interleaved=(\d+)(?:-(\d+))?")


class RtspSession:
    """One client's conversation with a camera."""

    def __init__(self, camera: Camera, client: Client) -> None:
        self._camera = camera
        self._client = client
        self._session = secrets.token_hex(4)
        self._channel: int | None = None
        self._viewer: Viewer | None = None
        self._source = ""

    async def answer(self, request: Request) -> bool:
        """Answer one request; false when the conversation is over."""
        if request.method == "OPTIONS":
            self._reply(request, 200, {"Public": _METHODS})
            return True
        if not self._camera.admits(request):
            self._reply(request, 401, self._camera.guard.challenge(request))
            return True
        source = request.path.strip("/").split("/")[0]
        if source not in self._camera.rtsp_sources or self._camera.fault_name == "not-found":
            self._reply(request, 404)
            return True
        self._source = source
        if request.method == "DESCRIBE":
            await self._describe(request)
        elif request.method == "SETUP":
            self._setup(request)
        elif request.method == "PLAY":
            await self._play(request)
        elif request.method in ("GET_PARAMETER", "SET_PARAMETER"):
            self._reply(request, 200, {"Session": self._session})
        elif request.method == "TEARDOWN":
            self._reply(request, 200, {"Session": self._session})
            return False
        else:
            self._reply(request, 405, {"Allow": _METHODS})
        return True

    async def _describe(self, request: Request) -> None:
        stream = await self._camera.stream(self._source)
        body = sdp_of(stream.clip, self._camera.code).encode()
        base = request.target.rstrip("/") + "/"
        headers = {"Content-Base": base, "Content-Type": "application/sdp"}
        self._reply(request, 200, headers, body)

    def _setup(self, request: Request) -> None:
        for offer in request.headers.get("transport", "").split(","):
            if "/TCP" in offer.upper():
                match = _INTERLEAVED.search(offer)
                self._channel = min(int(match[1]), 254) if match else 0
                channels = f"{self._channel}-{self._channel + 1}"
                transport = f"RTP/AVP/TCP;unicast;interleaved={channels}"
                self._reply(
                    request,
                    200,
                    {"Transport": transport, "Session": f"{self._session};timeout=60"},
                )
                return
        self._reply(request, 461)

    async def _play(self, request: Request) -> None:
        if self._channel is None or not request.headers.get("session", "").startswith(
            self._session
        ):
            self._reply(request, 454)
            return
        stream = await self._camera.stream(self._source)
        sequence, timestamp = stream.upcoming()
        url = request.target.rstrip("/") + "/trackID=0"
        headers = {
            "Session": self._session,
            "Range": "npt=now-",
            "RTP-Info": f"url={url};seq={sequence};rtptime={timestamp}",
        }
        self._reply(request, 200, headers)
        if self._camera.fault_name == "cut":
            self._client.write(stream.first_words(self._channel))
        elif self._camera.fault_name != "no-video" and self._viewer is None:
            self._viewer = Viewer(self._client.transport, self._channel)
            stream.join(self._viewer)
            self._client.on_close(lambda: stream.leave(self._viewer) if self._viewer else None)

    def _reply(
        self,
        request: Request,
        status: int,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        every = {"CSeq": request.headers.get("cseq", "0"), "Server": "Farm"}
        self._client.write(response("RTSP/1.0", status, every | (headers or {}), body))
