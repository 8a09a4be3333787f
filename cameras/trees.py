"""Trees: what stands below what, in a table whose rows name their parents. No Django in here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Tree"]


class Tree:
    """Rows by number, each under at most one other. A circle, should one exist, is cut open: two
    people who save at the same moment can make one, and no walk may be without end."""

    def __init__(self, parents: Mapping[int, int | None]) -> None:
        self._parents = _without_circles(parents)
        self._children: dict[int, list[int]] = defaultdict(list)
        for key, parent in self._parents.items():
            if parent is not None:
                self._children[parent].append(key)

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int | None]]) -> "Tree":
        """From (number, parent's number) pairs, as `values_list("pk", "parent")` gives them."""
        return cls(dict(rows))

    def within(self, keys: set[int]) -> "Tree":
        """The part of the tree that consists of these rows; the topmost of them become roots."""
        return Tree(
            {
                key: parent if parent in keys else None
                for key, parent in self._parents.items()
                if key in keys
            }
        )

    @property
    def roots(self) -> list[int]:
        """Those at the top, in the order in which the rows were given."""
        return [key for key, parent in self._parents.items() if parent is None]

    def children(self, key: int) -> list[int]:
        """Those right under it."""
        return self._children.get(key, [])

    def parent(self, key: int) -> int | None:
        """What it stands under."""
        return self._parents.get(key)

    def upwards(self, key: int) -> Iterator[int]:
        """The row itself, then its parent, up to the root."""
        at: int | None = key
        while at is not None:
            yield at
            at = self._parents.get(at)

    def below(self, *keys: int) -> set[int]:
        """These rows and everything under them."""
        found: set[int] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += self.children(key)
        return found


def _without_circles(parents: Mapping[int, int | None]) -> dict[int, int | None]:
    """The same, but that of each circle's links one is gone, whatever the order of the rows."""
    sound = dict(parents)
    ends: set[int] = set()  # from these a walk upwards ends
    for key in sorted(parents):
        path: dict[int, None] = {}
        at: int | None = key
        while at is not None and at not in ends and at not in path:
            path[at] = None
            last, at = at, sound.get(at)
        if at is not None and at in path:
            sound[last] = None
        ends |= path.keys()
    return sound
