"""What a report consists of once it is in words: HTML, text and PDF are made of these."""

from dataclasses import dataclass, field

__all__ = ["Card", "Cell", "Column", "Document", "Section", "Tile"]


@dataclass(frozen=True)
class Cell:
    """What stands in a table. `tone`: danger, warning, success or muted; never colour alone."""

    text: str
    tone: str = ""
    note: str = ""  # smaller, under it


@dataclass(frozen=True)
class Column:
    """`roomy`: left out on a narrow screen."""

    label: str
    numeric: bool = False
    roomy: bool = False


@dataclass(frozen=True)
class Card:
    """Something with a picture."""

    title: str
    lines: list[Cell]
    picture: bytes
    alt: str


@dataclass(frozen=True)
class Tile:
    """One large figure."""

    value: str
    label: str
    tone: str = ""


@dataclass(frozen=True)
class Section:
    """A title, a sentence, and what goes with it. `plot` names a picture of plots.py."""

    key: str
    title: str
    lead: str = ""
    columns: list[Column] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    plot: str = ""
    plot_alt: str = ""
    foot: str = ""


@dataclass(frozen=True)
class Document:
    """The whole report in words."""

    subject: str
    title: str
    period: str
    headline: str
    tiles: list[Tile]
    sections: list[Section]
    made_of: str
