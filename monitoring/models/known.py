"""What is known of anything that is probed: the columns behind health.Health, and its next turn."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from monitoring import health
from monitoring.choices import ReasonField, VerdictField, in_words
from monitoring.verdicts import Reason, Verdict

__all__ = ["MOST_DETAIL", "Known"]

MOST_DETAIL = 300  # characters of an engineer's explanation


class Known(models.Model):
    """The confirmed verdict, the suspicion against it, the last probe and the next.

    `claim` names the batch that is out to probe; only the holder of the claim may record a
    result, and only once.
    """

    verdict = VerdictField(default=str(Verdict.PENDING), db_index=True)
    reason = ReasonField()
    since = models.DateTimeField(_("since"), null=True, blank=True)

    suspected_verdict = VerdictField(verbose_name=_("suspected"), blank=True, default="")
    suspected_reason = ReasonField(verbose_name=_("suspected reason"))
    suspected_since = models.DateTimeField(_("suspected since"), null=True, blank=True)
    suspected_probes = models.PositiveSmallIntegerField(_("suspected in probes"), default=0)

    due_at = models.DateTimeField(_("next probe"), default=timezone.now, db_index=True)
    claim = models.UUIDField(_("claimed by batch"), null=True, blank=True, editable=False)
    probed_at = models.DateTimeField(_("last probe"), null=True, blank=True)
    detail = models.CharField(_("detail"), max_length=MOST_DETAIL, blank=True)

    KNOWN_FIELDS = (
        "verdict",
        "reason",
        "since",
        "suspected_verdict",
        "suspected_reason",
        "suspected_since",
        "suspected_probes",
        "due_at",
        "claim",
        "probed_at",
        "detail",
    )

    class Meta:
        abstract = True

    @property
    def in_words(self) -> str:
        """The confirmed verdict with its reason."""
        return in_words(self.verdict, self.reason)

    def known(self) -> health.Health:
        """This row as the value that health.step works on."""
        suspicion = None
        if self.suspected_verdict and self.suspected_since:
            suspicion = health.Suspicion(
                Verdict(self.suspected_verdict),
                Reason(self.suspected_reason),
                self.suspected_since,
                self.suspected_probes,
            )
        return health.Health(
            Verdict(self.verdict), Reason(self.reason), self.since, suspicion, self.probed_at
        )

    def learn(self, known: health.Health) -> None:
        """Take over what health.step returned."""
        self.verdict, self.reason, self.since = known.verdict, known.reason, known.since
        self.probed_at = known.probed_at
        suspicion = known.suspicion
        self.suspected_verdict = suspicion.verdict if suspicion else ""
        self.suspected_reason = suspicion.reason if suspicion else ""
        self.suspected_since = suspicion.since if suspicion else None
        self.suspected_probes = suspicion.probes if suspicion else 0
