"""One row a deed of a person. Only ever added to: see guard.py."""

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

__all__ = ["AuditEntry", "Deed"]


class Deed(models.TextChoices):
    """What a person did."""

    ADDED = "added", _("added")
    CHANGED = "changed", _("edited")
    DELETED = "deleted", _("deleted")
    SIGNED_IN = "signed_in", _("signed in")
    SIGNED_OUT = "signed_out", _("signed out")
    SIGN_IN_FAILED = "sign_in_failed", _("sign-in failed")
    LOCKED_OUT = "locked_out", _("locked out")
    RELEASED = "released", _("lock released")
    PASSWORD_CHANGED = "password_changed", _("password changed")
    CODE_ACCEPTED = "code_accepted", _("second factor shown")
    CODE_REFUSED = "code_refused", _("second factor refused")
    RECOVERY_USED = "recovery_used", _("recovery code used")
    RECOVERY_MADE = "recovery_made", _("recovery codes made")
    SECOND_FACTOR_ON = "second_factor_on", _("second factor turned on")
    SECOND_FACTOR_OFF = "second_factor_off", _("second factor removed")

    @property
    def colour(self) -> str:
        """Of its badge, as unfold names them."""
        if self in (Deed.SIGN_IN_FAILED, Deed.LOCKED_OUT, Deed.CODE_REFUSED, Deed.DELETED):
            return "danger"
        if self in (Deed.ADDED, Deed.SIGNED_IN, Deed.CODE_ACCEPTED, Deed.SECOND_FACTOR_ON):
            return "success"
        if self in (Deed.CHANGED, Deed.SIGNED_OUT):
            return "info"
        return "warning"


class AuditEntry(models.Model):
    """Who did what to which row, when, from where, and what was before.

    Nothing here depends on other rows: names are kept beside the numbers, and no constraint ties
    the entry to a person or a row that may be deleted later.
    """

    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    deed = models.CharField(_("deed"), max_length=20, choices=Deed.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("person"),
    )
    person_name = models.CharField(_("person"), max_length=150, blank=True, db_index=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    kind = models.ForeignKey(
        ContentType,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("kind"),
    )
    row = models.CharField(_("number"), max_length=40, blank=True)
    name = models.CharField(_("subject"), max_length=200, blank=True)
    # Field → [before, after]; a secret → null: that it changed, not what it is.
    changes = models.JSONField(
        _("changes"), default=dict, blank=True, encoder=DjangoJSONEncoder, editable=False
    )

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["kind", "row", "-at"], name="audit_of_a_row"),
            models.Index(fields=["deed", "-at"], name="audit_of_a_deed"),
        ]

    def __str__(self) -> str:
        return f"{self.person_name or '?'}: {self.get_deed_display()} {self.name}".strip()
