"""Labels and colours of the words in verdicts.py, for models, badges, plots and mails alike."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from monitoring.verdicts import Reason, Verdict

VERDICT_LABELS = {
    Verdict.HEALTHY: _("healthy"),
    Verdict.OFFLINE: _("offline"),
    Verdict.BLACK: _("black picture"),
    Verdict.FROZEN: _("frozen picture"),
    Verdict.COVERED: _("covered"),
    Verdict.DEFOCUSED: _("defocused"),
    Verdict.MOVED: _("moved"),
    Verdict.WASHED_OUT: _("washed out"),
    Verdict.SIGNAL_LOST: _("signal lost"),
    Verdict.CORRUPT: _("corrupt picture"),
    Verdict.PENDING: _("not probed yet"),
    Verdict.UNMONITORED: _("unmonitored"),
}

# Names of unfold's label colours.
VERDICT_COLOURS = {
    Verdict.HEALTHY: "success",
    Verdict.OFFLINE: "danger",
    Verdict.BLACK: "danger",
    Verdict.FROZEN: "warning",
    Verdict.COVERED: "warning",
    Verdict.DEFOCUSED: "warning",
    Verdict.MOVED: "warning",
    Verdict.WASHED_OUT: "warning",
    Verdict.SIGNAL_LOST: "danger",
    Verdict.CORRUPT: "danger",
    Verdict.PENDING: "default",
    Verdict.UNMONITORED: "default",
}

REASON_LABELS = {
    Reason.UNREACHABLE: _("host unreachable"),
    Reason.REFUSED: _("connection refused"),
    Reason.TIMED_OUT: _("timed out"),
    Reason.UNAUTHORISED: _("user name or password refused"),
    Reason.NOT_FOUND: _("stream address not found"),
    Reason.NO_VIDEO: _("no video comes"),
    Reason.UNDECODABLE: _("picture cannot be decoded"),
}


class VerdictField(models.CharField):
    """A verdict, kept as its word."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", _("verdict"))
        kwargs["max_length"] = 16
        kwargs["choices"] = [(str(verdict), label) for verdict, label in VERDICT_LABELS.items()]
        super().__init__(*args, **kwargs)


class ReasonField(models.CharField):
    """The reason of an offline verdict, or ""."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", pgettext_lazy("of a fault", "reason"))
        kwargs.setdefault("default", "")
        kwargs["blank"] = True
        kwargs["max_length"] = 16
        kwargs["choices"] = [(str(reason), label) for reason, label in REASON_LABELS.items()]
        super().__init__(*args, **kwargs)


def in_words(verdict: str, reason: str = "") -> str:
    """A verdict with its reason as a person reads it: "offline: connection refused"."""
    words = str(VERDICT_LABELS[Verdict(verdict)])
    return f"{words}: {REASON_LABELS[Reason(reason)]}" if reason else words
