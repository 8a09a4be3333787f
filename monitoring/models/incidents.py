"""Incidents: confirmed faults of cameras, and outages of uplinks that took cameras with them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, Uplink
from monitoring.choices import ReasonField, VerdictField, in_words
from monitoring.models.snapshots import Snapshot, SnapshotKind

__all__ = ["Incident", "IncidentQuerySet"]


class IncidentQuerySet(models.QuerySet["Incident"]):
    def running(self) -> "IncidentQuerySet":
        """Those that have not ended."""
        return self.filter(ended_at=None)

    def outages(self) -> "IncidentQuerySet":
        """Those of uplinks."""
        return self.exclude(uplink=None)

    def alarms(self, now: datetime) -> "IncidentQuerySet":
        """Those that somebody must see to by themselves.

        What may yet turn out to be part of an outage of an uplink waits for as long as its
        cameras may take to go dark (`OUTAGE_WINDOW_SECONDS`). What hangs under an outage is no
        alarm, unless it goes on although the outage is over, for just as long.
        """
        wait = timedelta(seconds=settings.OUTAGE_WINDOW_SECONDS)
        stands_alone = Q(uplink=None, camera__uplink=None) | Q(confirmed_at__lte=now - wait)
        outlives_the_outage = Q(part_of__ended_at__lte=now - wait) & (
            Q(ended_at=None) | Q(ended_at__gt=F("part_of__ended_at") + wait)
        )
        return self.filter(Q(part_of=None) & stands_alone | outlives_the_outage)


class Incident(models.Model):
    """A confirmed fault of one camera, or an outage of one uplink; at most one runs of each.

    Its verdict is the latest confirmed one: a camera that is offline and comes back black is
    still the same trouble. It ends when the camera is healthy, and an outage when most cameras
    are back. The incidents of the cameras that an outage took hang under it: `part_of`, which
    they keep for good.
    """

    camera = models.ForeignKey(
        Camera,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        verbose_name=_("camera"),
    )
    uplink = models.ForeignKey(
        Uplink,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        verbose_name=_("uplink"),
    )
    part_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("part of the outage"),
    )
    verdict = VerdictField()
    reason = ReasonField()
    began_at = models.DateTimeField(_("began"))
    confirmed_at = models.DateTimeField(_("confirmed"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    # Set by whoever still needs the pictures that prove it; see retention.py.
    evidence_held = models.BooleanField(_("evidence held"), default=False, editable=False)
    evidence_released_at = models.DateTimeField(
        _("evidence released"), null=True, blank=True, editable=False
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-began_at", "-pk"]
        indexes = [
            models.Index(fields=["began_at"], name="incident_by_began"),
            models.Index(fields=["ended_at"], name="incident_by_ended"),
            models.Index(fields=["confirmed_at"], name="incident_by_confirmed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["camera"], condition=Q(ended_at=None), name="one_running_incident_a_camera"
            ),
            models.UniqueConstraint(
                fields=["uplink"], condition=Q(ended_at=None), name="one_running_outage_an_uplink"
            ),
            models.CheckConstraint(
                condition=Q(camera=None, uplink__isnull=False)
                | Q(camera__isnull=False, uplink=None),
                name="incident_of_a_camera_or_an_uplink",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="incident_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject.code}: {self.in_words}"

    @property
    def subject(self) -> Camera | Uplink:
        """What it happened to."""
        subject = self.camera or self.uplink
        assert subject is not None  # a constraint says so
        return subject

    @property
    def in_words(self) -> str:
        """The verdict with its reason."""
        return in_words(self.verdict, self.reason)

    def snapshot(self, kind: SnapshotKind) -> Snapshot | None:
        """Its picture of this kind; all kinds are read at once, and `prefetch` is honoured."""
        return next((each for each in self.snapshots.all() if each.kind == kind), None)
