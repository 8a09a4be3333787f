"""Who may look: Basic and Digest (RFC 2617, RFC 7616 with MD5), for RTSP and HTTP alike."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from tests.farm.messages import Request

__all__ = ["Guard"]

_REALM = "IP Camera"
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True)
class Guard:
    """One camera's lock."""

    scheme: str = "none"  # or "basic", "digest"
    username: str = ""
    password: str = ""
    _nonce: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    def admits(self, request: Request) -> bool:
        if self.scheme == "none":
            return True
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != self.scheme:
            return False
        return self._basic(rest) if self.scheme == "basic" else self._digest(rest, request)

    def challenge(self, request: Request) -> dict[str, str]:
        """Headers of the 401 that asks for a name and a password."""
        if self.scheme == "basic":
            return {"WWW-Authenticate": f'Basic realm="{_REALM}"'}
        value = f'Digest realm="{_REALM}", nonce="{self._nonce}"'
        if not request.is_rtsp:  # cameras leave qop out over RTSP, and FFmpeg follows
            value += ', algorithm=MD5, qop="auth"'
        return {"WWW-Authenticate": value}

    def _basic(self, credentials: str) -> bool:
        try:
            given = base64.b64decode(credentials.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(given, f"{self.username}:{self.password}".encode())

    def _digest(self, credentials: str, request: Request) -> bool:
        given = {
            name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain
            for name, quoted, plain in _PARAMETER.findall(credentials)
        }
        if given.get("nonce") != self._nonce or given.get("realm") != _REALM:
            return False
        if given.get("username", "").encode("latin-1", "replace") != self.username.encode():
            return False
        # The address in the header is the one that was hashed; clients differ in whether they
        # name the whole URL or its path, so only the response to it is checked, as cameras do.
        who = _md5(f"{self.username}:{_REALM}:{self.password}")
        what = _md5(f"{request.method}:{given.get('uri', '')}")
        if given.get("qop"):
            middle = f"{given.get('nc', '')}:{given.get('cnonce', '')}:{given['qop']}"
            expected = _md5(f"{who}:{self._nonce}:{middle}:{what}")
        else:
            expected = _md5(f"{who}:{self._nonce}:{what}")
        return hmac.compare_digest(given.get("response", "").encode(), expected.encode())


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
