"""Logging in to RTSP: Basic and Digest with MD5 (RFC 2617), which is what cameras ask for."""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

# Possessive, and never begun in the middle of a word: strangers' headers may be long, and every way
# to divide them would be tried.
_PARAMETER = re.compile(r'(?<![\w-])([\w-]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s,"]++))')


@dataclass(frozen=True)
class Login:
    """A name and a password, and how they were asked for; `digest` is empty for Basic."""

    username: str
    password: str = field(repr=False)
    digest: dict[str, str] = field(default_factory=dict)

    @classmethod
    def answering(cls, challenges: Iterable[str], username: str, password: str) -> Self | None:
        """What answers the best of a camera's challenges; None when it knows none of ours."""
        basic = None
        for challenge in challenges:
            scheme, _, rest = challenge.strip().partition(" ")
            if scheme.lower() == "digest":
                digest = _parameters(rest)
                if _is_known(digest):
                    return cls(username, password, digest)
            elif scheme.lower() == "basic":
                basic = cls(username, password)
        return basic

    def challenged_again(self, challenges: Iterable[str]) -> Self | None:
        """The same for a challenge that has changed; None when it is the old one: then the
        password is wrong, and to give it again would lock many a camera's account."""
        again = self.answering(challenges, self.username, self.password)
        if again is None or again.digest.get("nonce") == self.digest.get("nonce"):
            return None
        # A camera with a nonce for each answer says of an old one that it is just that.
        return again if again.digest.get("stale", "").lower() == "true" else None

    def said(self, method: str, address: str, number: int) -> str:
        """The header's value for one request, the `number`th that answers this challenge."""
        if not self.digest:
            both = as_bytes(f"{self.username}:{self.password}")
            return f"Basic {base64.b64encode(both).decode()}"
        realm, nonce = self.digest["realm"], self.digest["nonce"]
        who = _md5(f"{self.username}:{realm}:{self.password}")
        what = _md5(f"{method}:{address}")
        fields = {"username": self.username, "realm": realm, "nonce": nonce, "uri": address}
        middle = counted = ""
        if "qop" in self.digest:
            mine = secrets.token_hex(8)
            middle = f"{number:08x}:{mine}:auth:"
            counted = f', qop=auth, nc={number:08x}, cnonce="{mine}"'
        fields["response"] = _md5(f"{who}:{nonce}:{middle}{what}")
        if "opaque" in self.digest:
            fields["opaque"] = self.digest["opaque"]
        line = ", ".join(f'{name}="{_quoted(value)}"' for name, value in fields.items())
        return f"Digest {line}{counted}"


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(text):
        # The first of a name: another challenge may follow in the same line.
        found.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or plain)
    return found


def _is_known(digest: dict[str, str]) -> bool:
    ways = [way.strip().lower() for way in digest.get("qop", "auth").split(",")]
    known = digest.get("algorithm", "MD5").upper() == "MD5" and "auth" in ways
    return known and "realm" in digest and "nonce" in digest


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _md5(text: str) -> str:
    # What the cameras' protocol asks for.
    return hashlib.md5(as_bytes(text), usedforsecurity=False).hexdigest()


def as_bytes(text: str) -> bytes:
    """As it goes over the network. What a camera said in another encoding than UTF-8, a realm in
    its maker's language, comes back byte by byte."""
    return text.encode("utf-8", "surrogateescape")


def as_text(data: bytes | bytearray) -> str:
    """The other way round."""
    return data.decode("utf-8", "surrogateescape")
