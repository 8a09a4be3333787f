"""The roles: groups that the program makes, with the rights that each floor gives them.

Filled after every `migrate`, so that the rights of a later version arrive, too. Each right is given
to a role's group once: what an administrator takes away stays away, what he adds stays, a group
that he renames is still the role's, and one that he deletes is not made again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from cameras.models import RoleGroup

__all__ = ["ALL_OF", "Rights", "Role", "fill_groups", "group_of", "rights_of"]


class Role(models.TextChoices):
    VIEWER = "viewer", _("viewer")
    OPERATOR = "operator", _("operator")
    TECHNICIAN = "technician", _("technician")
    PROCUREMENT = "procurement", _("procurement officer (PPK/Pokja)")
    FINANCE = "finance", _("finance")
    ADMINISTRATOR = "administrator", _("administrator")


# As `cameras.view_camera`; with ALL_OF before an app's label, everything that app has.
Rights = Mapping[Role, Iterable[str]]
ALL_OF = "*."
# Groups have one name for all languages: that of the people who work with them.
_NAMES = {
    Role.VIEWER: "Peninjau",
    Role.OPERATOR: "Operator",
    Role.TECHNICIAN: "Teknisi",
    Role.PROCUREMENT: "Petugas pengadaan (PPK/Pokja)",
    Role.FINANCE: "Keuangan",
    Role.ADMINISTRATOR: "Administrator",
}


def rights_of(role: Role) -> set[str]:
    """What all floors together give to a role, as `app.codename`."""
    found: set[str] = set()
    for config in _floors():
        rights: Rights = import_string(getattr(config, "role_rights"))  # noqa: B009
        for name in rights.get(role, ()):
            if name.startswith(ALL_OF):
                found |= _all_of(name.removeprefix(ALL_OF))
            else:
                found.add(name)
    return found


def group_of(role: Role) -> Group:
    """The role's group. Raises RoleGroup.DoesNotExist when an administrator has deleted it."""
    known = RoleGroup.objects.select_related("group").get(role=role, group__isnull=False)
    assert known.group is not None
    return known.group


def fill_groups(
    sender: Any = None, using: str = DEFAULT_DB_ALIAS, verbosity: int = 0, **_rest: Any
) -> None:
    """Called by `post_migrate`: make the groups that are missing, give what was never offered."""
    if sender is not None and not hasattr(sender, "role_rights"):
        return
    tables = connections[using].introspection.table_names()
    if RoleGroup._meta.db_table not in tables:  # migrated back to nothing
        return
    # Django makes the permissions of an app at the same moment, in no order that is promised.
    for config in [apps.get_app_config("auth"), *_floors()]:
        create_permissions(config, verbosity=0, using=using)
    keys = {f"{each.content_type.app_label}.{each.codename}": each for each in _permissions(using)}
    for role in Role:
        _fill(role, keys, using)


def _fill(role: Role, keys: Mapping[str, Permission], using: str) -> None:
    with transaction.atomic(using=using):
        known, is_new = (
            RoleGroup.objects.using(using).select_for_update().get_or_create(role=role.value)
        )
        if is_new:
            known.group, _made = Group.objects.using(using).get_or_create(name=_NAMES[role])
        if known.group is None:
            return
        # A right whose model is not there yet comes with the migrate that brings it.
        new = sorted((rights_of(role) & keys.keys()) - set(known.offered))
        if new:
            known.group.permissions.add(*(keys[name] for name in new))
            known.offered = sorted({*known.offered, *new})
        known.save(using=using)


def _floors() -> list[AppConfig]:
    return [config for config in apps.get_app_configs() if hasattr(config, "role_rights")]


def _permissions(using: str) -> Iterable[Permission]:
    return Permission.objects.using(using).select_related("content_type")


def _all_of(app: str) -> set[str]:
    found = Permission.objects.filter(content_type__app_label=app)
    return {f"{app}.{codename}" for codename in found.values_list("codename", flat=True)}
