"""What the files for people promise about settings is true."""

import re

from tests.supervisor.helpers import ROOT

ONLY_FOR_UP = {"ADMIN_USERNAME", "ADMIN_PASSWORD", "DEMO_PASSWORD"}
NOT_IN_A_FILE = {"ENV_FILE"}  # it says where the file is


def names_in_settings() -> set[str]:
    return set(
        re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "monitoring/settings.py").read_text())
    )


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    example = (ROOT / ".env.example").read_text()
    shown = set(re.findall(r"^# ([A-Z_]+)=", example, re.M))
    assert shown == (names_in_settings() - NOT_IN_A_FILE) | ONLY_FOR_UP
    assert all(name in example for name in NOT_IN_A_FILE)


def test_the_example_sets_nothing_by_itself() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert all(line.startswith("#") or not line for line in lines)


def test_settings_named_in_the_deployment_guide_exist() -> None:
    guide = (ROOT / "docs/deploy/README.md").read_text()
    assigned = set(re.findall(r"^([A-Z_]+)=", guide, re.M))
    assert assigned <= names_in_settings()
