"""`manage.py load_demo_people`: an invented person for each role, each with a reach of its own.

Run again, it adds only who is missing. Passwords are random and shown once, as the first
administrator's; DEMO_PASSWORD gives all of them the same instead.
"""

import os
import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext as _

from cameras.models import Agency, Area, Reach
from cameras.roles import Role, group_of

# Letters and digits that are not taken for each other when copied by hand.
_SIGNS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class Person:
    """Who, and which agency and area, by their codes in the demo's catalogue."""

    username: str
    first_name: str
    last_name: str
    role: Role
    agency: str = ""
    area: str = ""


PEOPLE = (
    Person("peninjau", "Ratna", "Wibowo", Role.VIEWER, area="JS"),
    Person("operator.utara", "Dewi", "Lestari", Role.OPERATOR, "SDA", "JU"),
    Person("teknisi.utara", "Agus", "Saputra", Role.TECHNICIAN, area="JU"),
    Person("ppk", "Bambang", "Hidayat", Role.PROCUREMENT, "DISKOMINFOTIK"),
    Person("keuangan", "Sri", "Handayani", Role.FINANCE, "DISKOMINFOTIK"),
    Person("pengelola", "Yusuf", "Maulana", Role.ADMINISTRATOR),
)


class Command(BaseCommand):
    help = "Add an invented person for each role; their passwords are printed once."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            added = [(each, _add(each)) for each in PEOPLE if not _is_there(each)]
        if not added:
            return
        self.stdout.write(
            _("Demo accounts, each with a role and a reach (passwords are shown this once):")
        )
        for each, (person, password) in added:
            reach = ", ".join(map(str, Reach.objects.filter(user=person))) or "–"
            words = f"{each.role.label}; {reach}"
            self.stdout.write(f"  {each.username:16} {password:16} {words}")


def _is_there(each: Person) -> bool:
    return User.objects.filter(username=each.username).exists()


def _add(each: Person) -> tuple[User, str]:
    password = os.environ.get("DEMO_PASSWORD") or "".join(
        secrets.choice(_SIGNS) for _place in range(16)
    )
    person = User.objects.create_user(
        each.username,
        email=f"{each.username}@example.id",
        password=password,
        first_name=each.first_name,
        last_name=each.last_name,
        is_staff=True,
    )
    person.groups.add(group_of(each.role))
    agency = Agency.objects.filter(code=each.agency).first() if each.agency else None
    area = Area.objects.filter(code=each.area).first() if each.area else None
    # Of a catalogue without that agency or area, the person reaches nothing.
    if agency or area or not (each.agency or each.area):
        everything = not (each.agency or each.area)
        Reach.objects.create(user=person, agency=agency, area=area, everything=everything)
    return person, password
