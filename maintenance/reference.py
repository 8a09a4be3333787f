"""Reference data that the program comes with, each row with the law that it rests on.

Loaded by the first migration; what an administrator has changed since is left alone.
"""

from typing import Any

from maintenance import holidays, rules_data

__all__ = ["load"]


def load(apps: Any, schema_editor: Any = None) -> None:
    """Add what is missing. `apps`: the registry to take models from, a migration's or Django's."""
    holidays.load_decrees(apps)
    rules_data.load_rules(apps)
