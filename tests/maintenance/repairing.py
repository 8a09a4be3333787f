"""What tests of repairs begin with: tickets, and files as people upload them."""

import io
from typing import Any

import cv2
import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from cameras.models import Camera
from maintenance import tickets
from maintenance.models import Ticket
from monitoring.models import Incident
from monitoring.verdicts import Verdict
from tests.factories import make_camera

MANGGARAI = (-6.208, 106.848)


def make_ticket(camera: Camera | None = None) -> Ticket:
    """The ticket of a camera that is confirmed to be black."""
    camera = camera or make_camera()
    now = timezone.now()
    Incident.objects.create(camera=camera, verdict=Verdict.BLACK, began_at=now, confirmed_at=now)
    tickets.open_due()
    return Ticket.objects.get(camera=camera)


def example_jpeg(dark: bool = False) -> bytes:
    """A street as a child would draw it, by day or at night."""
    picture = np.full((360, 640, 3), (235, 206, 170), np.uint8)
    cv2.rectangle(picture, (0, 210), (640, 360), (110, 110, 110), -1)
    cv2.rectangle(picture, (60, 90), (180, 220), (90, 120, 180), -1)
    cv2.rectangle(picture, (400, 50), (560, 215), (160, 170, 190), -1)
    cv2.line(picture, (0, 290), (640, 290), (240, 240, 240), 4)
    if dark:
        picture = (picture * 0.06).astype(np.uint8)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def photo(
    kind: str = "JPEG",
    size: tuple[int, int] = (800, 600),
    name: str = "foto.jpg",
    position: tuple[float, float] | None = None,
    turned: int = 1,
    mode: str = "RGB",
    **save: Any,
) -> SimpleUploadedFile:
    """A photograph as a telephone sends it: with a make, a position, a way to turn it."""
    image = Image.new(mode, size, "white" if mode != "RGBA" else (0, 0, 0, 0))
    image.paste("red" if mode != "L" else 90, (0, 0, size[0] // 2, size[1] // 2))
    out = io.BytesIO()
    image.save(out, kind, exif=exif_of(position, turned), **save)
    return SimpleUploadedFile(name, out.getvalue())


def exif_of(position: tuple[float, float] | None, turned: int = 1) -> Image.Exif:
    """What telephones write into their pictures."""
    exif = Image.Exif()
    exif[0x010F] = "Telepon Rahasia"
    exif[0x0112] = turned
    if position:
        exif[0x8825] = {
            1: "S" if position[0] < 0 else "N",
            2: _parts(position[0]),
            3: "E" if position[1] >= 0 else "W",
            4: _parts(position[1]),
        }
    return exif


def _parts(degrees: float) -> tuple[float, float, float]:
    whole = int(abs(degrees))
    minutes = (abs(degrees) - whole) * 60
    return (float(whole), float(int(minutes)), round((minutes - int(minutes)) * 60, 3))
