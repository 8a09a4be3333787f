"""A camera's verdict as badges, cards and answers show it alike."""

from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from monitoring.admin.shared import health_of
from monitoring.choices import in_words
from monitoring.notes import notes_on
from monitoring.verdicts import Verdict

__all__ = ["verdict_label"]


def verdict_label(camera: Camera) -> tuple[str, str]:
    """(verdict that colours the badge, its words); what is only suspected says so.

    With the notes on a camera that came `with_notes`.
    """
    verdict, words = _verdict_words(camera)
    return verdict, " · ".join([words, *notes_on(camera)])


def _verdict_words(camera: Camera) -> tuple[str, str]:
    health = health_of(camera)
    if health is None:
        return Verdict.PENDING, in_words(Verdict.PENDING)
    if not health.suspected_verdict:
        return health.verdict, health.in_words
    suspected = in_words(health.suspected_verdict, health.suspected_reason)
    # Translators: a verdict that is not confirmed yet, and in how many probes it was seen.
    words = _("%(verdict)s? (seen %(probes)s×)") % {
        "verdict": suspected,
        "probes": health.suspected_probes,
    }
    if health.verdict == Verdict.PENDING:
        return health.suspected_verdict, str(words)
    return health.verdict, f"{health.in_words} → {words}"
