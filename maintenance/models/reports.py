"""Reports: who gets them, what was said, and to whom it was sent."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Agency, Area
from maintenance.models.mails import Outgoing

__all__ = ["Report", "ReportDelivery", "ReportFile", "ReportSubscription"]


class ReportSubscriptionQuerySet(models.QuerySet["ReportSubscription"]):
    def active(self) -> "ReportSubscriptionQuerySet":
        """Those that are to be served; a person who may not log in any more is not."""
        return self.filter(is_active=True).exclude(user__is_active=False)


class ReportSubscription(models.Model):
    """A person or an address, and what it wants to know: of everything, an agency, or an area."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="report_subscriptions",
        verbose_name=_("person"),
        help_text=_("The mail goes to the address in the person's account."),
    )
    email = models.EmailField(_("address"), blank=True, help_text=_("For those without account."))
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agency"),
        help_text=_("Only this agency's cameras. Without agency and area: the whole city."),
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
        help_text=_("Only the cameras in this area and its parts."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    wants_weekly = models.BooleanField(_("weekly report"), default=True)
    wants_urgent = models.BooleanField(
        _("what cannot wait"),
        default=False,
        help_text=_("A mail at once when a floodgate's camera or an uplink is down."),
    )
    # Whose it is and what it is about, in one word, so that the database can say no to a second.
    identity = models.CharField(max_length=320, unique=True, editable=False)
    # Nobody gets what was due before he asked for it.
    active_since = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    objects = ReportSubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("report subscription")
        verbose_name_plural = _("report subscriptions")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None) & ~Q(email="") | Q(user__isnull=False, email=""),
                name="subscription_of_a_person_or_an_address",
                violation_error_message=_("Choose a person or give an address, not both."),
            ),
            models.CheckConstraint(
                condition=Q(agency=None) | Q(area=None),
                name="subscription_to_an_agency_or_an_area",
                violation_error_message=_("Choose an agency or an area, not both."),
            ),
        ]

    def __str__(self) -> str:
        about = self.agency or self.area
        return f"{self.address or self.user} · {about}" if about else str(self.address or self.user)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Who comes back is new: what was due in between is not made up for."""
        if self.pk and self.is_active:
            was = type(self).objects.filter(pk=self.pk).values_list("is_active", flat=True).first()
            if was is False:
                self.active_since = timezone.now()
        self.identity = self._identity()
        super().save(*args, **kwargs)

    @property
    def address(self) -> str:
        """Where its mail goes; "" when the person has none."""
        return self.user.email if self.user is not None else self.email

    def clean(self) -> None:
        if self.user is not None and not self.user.email:
            raise ValidationError(
                {"user": _("This person has no e-mail address: enter it in the account first.")}
            )
        same = type(self).objects.filter(identity=self._identity()).exclude(pk=self.pk)
        if same.exists():
            raise ValidationError(_("There is such a subscription already."), code="unique")

    def _identity(self) -> str:
        who = f"user:{self.user_id}" if self.user_id else self.email.lower()
        return f"{who} agency:{self.agency_id or '-'} area:{self.area_id or '-'}"


class Report(models.Model):
    """What was said of one week about one scope: made once, and kept as it was sent.

    Until `made_at` is set, somebody is making it: see `claimed_at`.
    """

    monday = models.DateField(_("week from"))
    scope = models.CharField(_("scope"), max_length=60, editable=False)
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agency"),
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
    )
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    made_at = models.DateTimeField(_("made"), null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    headline = models.TextField(_("in one sentence"), blank=True)
    html = models.TextField(blank=True, editable=False)
    text = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = _("weekly report")
        verbose_name_plural = _("weekly reports")
        ordering = ["-monday", "scope"]
        constraints = [
            models.UniqueConstraint(fields=["monday", "scope"], name="one_report_a_week_and_scope")
        ]
        permissions = [("send_report", _("Can send weekly reports again, and to others"))]

    def __str__(self) -> str:
        return self.subject or f"{self.monday} {self.scope}"

    def get_absolute_url(self) -> str:
        return reverse("admin:maintenance_report_change", args=[self.pk])


class ReportFile(models.Model):
    """A picture in a report, or a document beside it. In the database, so that what is kept is
    one with what was sent.
    """

    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, related_name="files", verbose_name=_("weekly report")
    )
    name = models.CharField(_("name"), max_length=100)
    content_type = models.CharField(_("type"), max_length=100)
    content_id = models.CharField(max_length=60, blank=True, editable=False)
    content = models.BinaryField(editable=False)

    class Meta:
        verbose_name = _("file of a report")
        verbose_name_plural = _("files of a report")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "name"], name="one_file_of_a_name_a_report")
        ]

    def __str__(self) -> str:
        return self.name


class ReportDelivery(Outgoing):
    """One mail of a report to one address.

    Each subscription has one for each week, whatever happens (`is_repeat` false); what somebody
    sends again by hand is a mail of its own.
    """

    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("weekly report")
    )
    subscription = models.ForeignKey(
        ReportSubscription,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("report subscription"),
    )
    monday = models.DateField(_("week from"), editable=False)
    is_repeat = models.BooleanField(_("by hand"), default=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty: the system itself."),
    )

    class Meta:
        verbose_name = _("delivery of a report")
        verbose_name_plural = _("deliveries of reports")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "next_try_at"], name="delivery_by_turn")]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "monday"],
                condition=Q(is_repeat=False),
                name="one_delivery_a_subscription_and_week",
            )
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_state_display()}"
