"""A QR code as SVG to put into a page; no other host draws it."""

from django.utils.safestring import SafeString, mark_safe
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

__all__ = ["as_svg"]

_QUIET = 4  # modules of white around it, as the standard asks


def as_svg(text: str) -> SafeString:
    """The text as squares; black on white also where the page is dark."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    count = code.getModuleCount()
    path = "".join(
        f"M{column + _QUIET},{row + _QUIET}h1v1h-1z"
        for row in range(count)
        for column in range(count)
        if code.isDark(row, column)
    )
    side = count + 2 * _QUIET
    svg = (
        f'<svg class="qr" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )
    return mark_safe(svg)  # noqa: S308  made of numbers alone
