"""The second factor: codes of a telephone (TOTP), upon django-otp, and recovery codes on paper.

A session says what its person still owes: `Step.ASK` after the password until a code was right,
`Step.ENROL` while the rule demands a second factor that there is none of. Nobody owes anything
without one or the other.
"""

import secrets
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from cameras.audit.models import Deed
from cameras.audit.recording import note

__all__ = [
    "RECOVERY_CODES",
    "Step",
    "Used",
    "WaitAMoment",
    "begin",
    "clear",
    "confirm",
    "device_of",
    "is_demanded_of",
    "make_recovery_codes",
    "new_device",
    "recovery_codes_left",
    "remove",
    "step_of",
    "verify",
]

RECOVERY_CODES = 10
_STEP = "second_factor"
# Nothing that is taken for something else when read from paper.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


class Step(StrEnum):
    """What a signed-in person owes before anything else."""

    ASK = "ask"
    ENROL = "enrol"


class Used(StrEnum):
    """By what a person has proved to be the one."""

    TOTP = "totp"
    RECOVERY = "recovery"


_DEEDS: dict[Used | None, Deed] = {
    Used.TOTP: Deed.CODE_ACCEPTED,
    Used.RECOVERY: Deed.RECOVERY_USED,
}


class WaitAMoment(Exception):
    """Too many wrong codes: none is looked at before `until`."""

    def __init__(self, until: Any) -> None:
        super().__init__(str(until))
        self.until = until


def step_of(session: Any) -> Step | None:
    """What the person of this session owes."""
    found = session.get(_STEP)
    return Step(found) if found else None


def begin(session: Any, user: Any) -> None:
    """After the password: what this person owes now."""
    if device_of(user) is not None:
        session[_STEP] = str(Step.ASK)
    elif is_demanded_of(user):
        session[_STEP] = str(Step.ENROL)
    else:
        session.pop(_STEP, None)


def clear(session: Any) -> None:
    """The person owes nothing any more."""
    session.pop(_STEP, None)


def is_demanded_of(user: Any) -> bool:
    """Whether the rule demands a second factor of this person."""
    wanted = {each.strip().casefold() for each in settings.SECOND_FACTOR_REQUIRED_FOR}
    wanted.discard("")
    if not wanted:
        return False
    if "everyone" in wanted or ("superusers" in wanted and user.is_superuser):
        return True
    return any(name.casefold() in wanted for name in user.groups.values_list("name", flat=True))


def device_of(user: Any) -> TOTPDevice | None:
    """The person's telephone, once it has shown a right code."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def new_device(user: Any) -> TOTPDevice:
    """The telephone that is being enrolled; the same one until it has shown a right code."""
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return device or TOTPDevice.objects.create(user=user, name="totp", confirmed=False)


def confirm(user: Any, code: str) -> bool:
    """Whether the new telephone shows the right code; from then on it is asked for."""
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
        if device is None:
            return False
        _refuse_haste(device)
        right = device.verify_token(_digits(code))
        if right:
            TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
            device.confirmed = True
            device.save()
            note(Deed.SECOND_FACTOR_ON, user)
    return right


def verify(user: Any, code: str) -> Used | None:
    """By what this code proves who the person is; None when it is wrong. A code counts once."""
    code = code.strip().lower()
    # Of the two, only the kind that was given is asked: a wrong one counts against its own.
    if _digits(code).isdecimal() and len(_digits(code)) < 10:
        used = Used.TOTP if _verified(TOTPDevice, user, _digits(code)) else None
    else:
        used = Used.RECOVERY if _verified(StaticDevice, user, _kept(code)) else None
    note(_DEEDS.get(used, Deed.CODE_REFUSED), user, person=user)
    return used


def make_recovery_codes(user: Any) -> list[str]:
    """New codes in place of all earlier ones. Only their digests are kept: show them now."""
    codes = [
        "".join(secrets.choice(_SIGNS) for _sign in range(10)) for _code in range(RECOVERY_CODES)
    ]
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # of two at once, the later counts
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
        StaticToken.objects.bulk_create(
            StaticToken(device=device, token=_kept(code)) for code in codes
        )
        note(Deed.RECOVERY_MADE, user)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(user: Any) -> int:
    """How many of them have not been used."""
    return StaticToken.objects.filter(device__user=user).count()


def remove(user: Any) -> bool:
    """Take the second factor away, with its recovery codes; whether there was one."""
    with transaction.atomic():
        count, _kinds = TOTPDevice.objects.filter(user=user).delete()
        codes, _kinds = StaticDevice.objects.filter(user=user).delete()
        if count or codes:
            note(Deed.SECOND_FACTOR_OFF, user)
    return bool(count or codes)


def _verified(kind: Any, user: Any, token: str) -> bool:
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            return False
        _refuse_haste(device)
        return bool(device.verify_token(token))


def _refuse_haste(device: Any) -> None:
    allowed, why = device.verify_is_allowed()
    if not allowed:
        raise WaitAMoment((why or {}).get("locked_until"))


def _digits(code: str) -> str:
    return code.replace(" ", "")


def _kept(code: str) -> str:
    """What is stored of a recovery code: enough to know it again, not to tell it."""
    plain = code.replace("-", "").replace(" ", "")
    return salted_hmac("recovery code", plain, algorithm="sha256").hexdigest()[:16]
