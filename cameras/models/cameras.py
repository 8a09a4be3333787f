"""Cameras: what is installed, and how its picture is reached."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.addresses import PICTURE_SCHEMES, AddressError, take_credentials
from cameras.models.addresses import validate_address
from cameras.models.agencies import Agency
from cameras.models.codes import CodeField
from cameras.models.sites import Site
from cameras.models.uplinks import Uplink
from cameras.secrets import EncryptedTextField

__all__ = ["Camera", "CameraQuerySet", "of_agency"]


def of_agency(agency: Agency | int, path: str = "") -> models.Q:
    """The condition for cameras of an agency: one without an agency of its own is its site's.

    `path` leads to the camera, as `camera__`.
    """
    own = models.Q(**{f"{path}agency": agency})
    return own | models.Q(**{f"{path}agency": None, f"{path}site__agency": agency})


class CameraQuerySet(models.QuerySet["Camera"]):
    def monitored(self) -> "CameraQuerySet":
        """Those that are to be probed."""
        return self.filter(is_monitored=True)

    def installed(self) -> "CameraQuerySet":
        """Those that hang where they were put: all but those that another unit replaced."""
        return self.filter(retired_at=None)


class Camera(models.Model):
    """One camera at a site: one unit, with a serial number, until it is replaced (replacing.py).

    Addresses carry no credentials: those typed into one are moved to `username` and `password`,
    which is encrypted at rest and shown nowhere.
    """

    ADDRESS_FIELDS = ("snapshot_url", "substream_url", "stream_url")  # cheapest to probe first

    code = CodeField(help_text=_("As painted on the pole, for example PA-MGR-01."))
    name = models.CharField(_("name"), max_length=150)
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, related_name="cameras", verbose_name=_("site")
    )
    uplink = models.ForeignKey(
        Uplink,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cameras",
        verbose_name=_("uplink"),
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cameras",
        verbose_name=_("agency"),
    )
    stream_url = models.CharField(
        _("main stream"),
        max_length=500,
        blank=True,
        validators=[validate_address],
        help_text=_(
            "For example rtsp://10.1.2.3:554/stream1. A user name and password in it "
            "are moved to their own fields."
        ),
    )
    substream_url = models.CharField(
        _("sub-stream"),
        max_length=500,
        blank=True,
        validators=[validate_address],
        help_text=_("The smaller stream, if the camera has one: four times cheaper to probe."),
    )
    snapshot_url = models.CharField(
        _("snapshot"),
        max_length=500,
        blank=True,
        validators=[validate_address],
        help_text=_("An http address that gives a JPEG or MJPEG picture: the cheapest to probe."),
    )
    username = models.CharField(_("user name"), max_length=100, blank=True)
    password = EncryptedTextField(_("password"), blank=True, default="")
    vendor = models.CharField(_("brand"), max_length=100, blank=True)
    model = models.CharField(_("model"), max_length=100, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=100, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    installed_on = models.DateField(_("installed on"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )
    is_monitored = models.BooleanField(
        _("monitored"), default=True, help_text=_("Switched off, this camera is not probed.")
    )
    sees_at_night = models.BooleanField(
        _("sees at night"),
        default=True,
        help_text=_(
            "Switched off, a black picture between sunset and sunrise is no fault: the camera has "
            "neither infrared nor a lamp near it."
        ),
    )
    interval_seconds = models.PositiveIntegerField(
        _("probe interval (seconds)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(10)],
        help_text=_("Empty: as often as the importance of its site asks for."),
    )

    objects = CameraQuerySet.as_manager()

    class Meta:
        verbose_name = _("camera")
        verbose_name_plural = _("cameras")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="monitored_camera_has_an_address",
                condition=models.Q(is_monitored=False)
                | ~models.Q(stream_url="", substream_url="", snapshot_url=""),
                violation_error_message=_(
                    "A monitored camera needs at least one address: "
                    "main stream, sub-stream or snapshot."
                ),
            ),
            models.CheckConstraint(
                name="retired_camera_is_not_monitored",
                condition=models.Q(retired_at=None) | models.Q(is_monitored=False),
                violation_error_message=_("A retired camera cannot be monitored again."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.move_credentials()  # whichever way the address came, no password is stored in it
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.move_credentials()
        if self.retired_at is not None and self.is_monitored:
            raise ValidationError(
                {"is_monitored": _("A retired camera cannot be monitored again.")}, code="retired"
            )
        if self.snapshot_url and not self.snapshot_url.lower().startswith(
            tuple(f"{scheme}:" for scheme in PICTURE_SCHEMES)
        ):
            raise ValidationError(
                {"snapshot_url": _("A snapshot is fetched over http:// or https://.")},
                code="snapshot",
            )

    def move_credentials(self) -> None:
        """Move a user name and password typed into an address to their own fields."""
        for name in self.ADDRESS_FIELDS:
            if address := getattr(self, name):
                try:
                    plain, username, password = take_credentials(address)
                except AddressError:
                    continue  # the field's own validator says so
                setattr(self, name, plain)
                if username or password:
                    self.username, self.password = username, password

    def units(self) -> "list[Camera]":
        """This unit and those that hung at the same point before it, the latest first."""
        found, before = [self], self.replaces
        while before is not None:
            found.append(before)
            before = before.replaces
        return found

    @property
    def addresses(self) -> list[str]:
        """The addresses that it has, the cheapest to probe first."""
        return [address for name in self.ADDRESS_FIELDS if (address := getattr(self, name))]
