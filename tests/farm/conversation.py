"""What a camera says on one connection: finds out whether RTSP or HTTP is spoken, and answers."""

from __future__ import annotations

from tests.farm.camera import Camera, Client
from tests.farm.http import answer_http
from tests.farm.messages import read_request
from tests.farm.misbehaviour import UNANSWERED, misbehave
from tests.farm.rtsp import RtspSession

__all__ = ["converse"]


async def converse(camera: Camera, client: Client) -> None:
    """Talk to one client until it leaves."""
    session = RtspSession(camera, client)
    goes_on = True
    while goes_on:
        request = await read_request(client.reader)
        if request is None:
            return
        if camera.fault_name in UNANSWERED:
            await misbehave(camera.fault_name, client, request)
            return
        if request.is_rtsp:
            goes_on = await session.answer(request)
        else:
            goes_on = await answer_http(camera, client, request)
            goes_on = goes_on and request.headers.get("connection", "").lower() != "close"
