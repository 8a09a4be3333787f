"""Reference data that the program comes with, each row with the law that it rests on.

Loaded by the first migration; what an administrator has changed since is left alone.
"""

from typing import Any

__all__ = ["load"]


def load(apps: Any, schema_editor: Any = None) -> None:
    """Add what is missing. `apps`: the registry to take models from, a migration's or Django's."""
    for each in ():
        each(apps)
