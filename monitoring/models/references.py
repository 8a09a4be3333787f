"""References: what each camera usually looks like, one row a camera and light."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cameras.models import Camera
from monitoring.memory import Light, Reference

__all__ = ["CameraReference"]

LIGHT_LABELS = {
    Light.DAY: pgettext_lazy("light", "day"),
    Light.NIGHT: pgettext_lazy("light", "night"),
    Light.INFRARED: pgettext_lazy("light", "infrared"),
}


class CameraReference(models.Model):
    """A packed monitoring.memory.Reference, 6.1 kB.

    Written rarely: by each healthy probe while it is young, then once in half an hour.
    """

    camera = models.ForeignKey(
        Camera, on_delete=models.CASCADE, related_name="references", verbose_name=_("camera")
    )
    light = models.CharField(
        _("light"),
        max_length=10,
        choices=[(str(light), label) for light, label in LIGHT_LABELS.items()],
    )
    data = models.BinaryField(_("reference"), editable=False)
    learned_at = models.DateTimeField(_("learned"))

    class Meta:
        verbose_name = _("reference picture")
        verbose_name_plural = _("reference pictures")
        constraints = [
            models.UniqueConstraint(
                fields=["camera", "light"], name="one_reference_a_camera_and_light"
            )
        ]

    def __str__(self) -> str:
        return f"{self.camera.code}: {self.get_light_display()}"

    @classmethod
    def of(cls, camera_id: int, reference: Reference) -> "CameraReference":
        """The row, not saved yet, that keeps a reference."""
        return cls(
            camera_id=camera_id,
            light=str(reference.light),
            data=reference.pack(),
            learned_at=reference.learned_at,
        )

    def unpacked(self) -> Reference | None:
        """The reference; None when another version of the program wrote it: it is learned anew."""
        return Reference.unpack(Light(self.light), bytes(self.data))
