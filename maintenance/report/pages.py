"""A letter as a page of its own, for looking at it outside a mail program."""

import re
from base64 import b64encode
from collections.abc import Callable

from maintenance.report.mailing import Letter

__all__ = ["with_pictures_at", "with_pictures_inside"]

_CID = re.compile(r'src="cid:([^"]+)"')


def with_pictures_at(html: str, address: Callable[[str], str]) -> str:
    """The page with each picture fetched from an address, given its content id."""
    return _CID.sub(lambda match: f'src="{address(match[1])}"', html)


def with_pictures_inside(letter: Letter) -> str:
    """The page with all its pictures in it."""
    pictures = {
        each.content_id: f"data:{each.content_type};base64,{b64encode(each.content).decode()}"
        for each in letter.attachments
        if each.content_id
    }
    return with_pictures_at(letter.html, lambda name: pictures.get(name, ""))
