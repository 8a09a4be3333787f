"""Whether a page will do as a mail: what mail programs are known to do to pages, as a list."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

__all__ = ["complaints"]

# Gmail cuts a mail off after 102 kB.
LARGEST_BYTES = 100_000
# What mail programs drop, or refuse the whole mail for.
_FORBIDDEN = {"script", "iframe", "object", "embed", "form", "input", "button", "video", "audio"}
_FORBIDDEN |= {"link", "base", "svg", "canvas", "math", "section", "article", "main", "nav"}
_VOID = {"meta", "img", "br", "hr"}
# Outlook lays out by tables alone.
_UNKNOWN_STYLES = ("display:flex", "display:grid", "position:", "float:", "var(", "calc(", "url(")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []
        self.language = ""
        self.styles = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "html":
            self.language = given.get("lang") or ""
        self.found += [f"<{tag}>: {text}" for text in self._about(tag, given)]

    def _about(self, tag: str, given: dict[str, Any]) -> Iterator[str]:
        style = (given.get("style") or "").replace(" ", "").lower()
        if tag in _FORBIDDEN:
            yield "is not for mails"
        if tag == "img":
            if not given.get("alt"):
                yield "has no alt text"
            if not str(given.get("width", "")).isdigit():
                yield "has no width for Outlook"
            if not (given.get("src") or "").startswith("cid:"):
                yield f"is fetched from elsewhere: {given.get('src')}"
        if tag == "table" and not (given.get("role") == "presentation" or "rows" in str(given)):
            yield "is neither for layout nor for data"
        if tag in ("td", "th", "h2", "p", "a") and not style:
            yield "has no inlined style"
        if tag == "th" and given.get("scope") != "col":
            yield "says not what it heads"
        if tag == "a" and not (given.get("href") or "").startswith("http"):
            yield "leads nowhere"
        for each in _UNKNOWN_STYLES:
            if each in style:
                yield f"uses {each}"
        for name in given:
            if name.startswith("on"):
                yield f"has a script: {name}"

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.found.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.styles += data


def complaints(html: str) -> list[str]:
    """Everything that would not work in some mail program; empty when all is well."""
    reader = _Reader()
    reader.feed(html)
    found = reader.found + [f"<{tag}> is never closed" for tag in reader.open]
    if (size := len(html.encode())) >= LARGEST_BYTES:
        found.append(f"{size} bytes are too many")
    if not html.lstrip().lower().startswith("<!doctype html>"):
        found.append("has no doctype")
    if not reader.language:
        found.append("says not in which language it is")
    for part in ("prefers-color-scheme: dark", "max-width: 620px"):
        if part.replace(" ", "") not in reader.styles.replace(" ", ""):
            found.append(f"has no rules for {part}")
    outside = reader.styles.split("@media")[0]
    if "{" in outside:
        found.append("has rules outside @media that are not inlined")
    return found
