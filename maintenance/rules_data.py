"""The procurement rules that the program begins with, from `data/procurement_rules.json`.

The first migration loads them; afterwards they belong to the administrators. Loading again adds
rule sets and templates that are missing and touches none that are there.
"""

import json
import re
from pathlib import Path
from typing import Any

__all__ = ["FILE", "load_rules"]

FILE = Path(__file__).resolve().parent / "data" / "procurement_rules.json"


def load_rules(apps: Any, schema_editor: Any = None) -> int:
    """Add what is missing; the number of rule sets added. Signature as RunPython wants it."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    templates = {code: _template(apps, code, stages) for code, stages in data["templates"].items()}
    return sum(_rule_set(apps, dict(row), templates) for row in data["rule_sets"])


def _template(apps: Any, code: str, stages: list[dict[str, Any]]) -> Any:
    name = re.sub(r"(?<!\be)-", " ", code).capitalize()  # “e-purchasing” keeps its hyphen
    template, created = apps.get_model("maintenance", "StageTemplate").objects.get_or_create(
        code=code, defaults={"name": name}
    )
    if created:
        item = apps.get_model("maintenance", "StageTemplateItem")
        item.objects.bulk_create(
            item(template=template, order=order, **stage)
            for order, stage in enumerate(stages, start=1)
        )
    return template


def _rule_set(apps: Any, row: dict[str, Any], templates: dict[str, Any]) -> bool:
    methods = row.pop("methods")
    rules, created = apps.get_model("maintenance", "RuleSet").objects.get_or_create(
        code=row.pop("code"), defaults=row
    )
    if created:
        rule = apps.get_model("maintenance", "MethodRule")
        for given in methods:
            fields = {**given, "template": templates[given["template"]]}
            rule.objects.bulk_create(
                rule(rule_set=rules, kind=kind, **{k: v for k, v in fields.items() if k != "kinds"})
                for kind in given["kinds"]
            )
    return created
