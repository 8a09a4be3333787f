"""What is asked about a repair: the work, its parts, its photographs, and a new camera."""

import uuid
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from cameras.models import Camera
from cameras.replacing import NewUnit
from maintenance.admin.package_forms import TextField
from maintenance.fields import RupiahFormField
from maintenance.models import Repair, RepairWork, Ticket, Vendor
from maintenance.photographs import (
    LARGEST_BYTES,
    MOST_PHOTOS,
    Photograph,
    PhotographError,
    develop,
)
from maintenance.repairs import Part, Work

__all__ = ["PartFormSet", "PhotoForm", "RepairForm", "ReplaceForm", "VoidForm"]


# Unfold's field shows the name of one file alone.
_SHOW_NAMES = (
    "this.parentNode.parentNode.parentNode.querySelector('input[type=text]').value = "
    "Array.from(this.files, one => one.name).join(', ')"
)


class PhotoInput(UnfoldAdminFileFieldWidget):
    """Several pictures at once, from the album or the camera of a telephone."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Gives a list of uploads."""

    widget = PhotoInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        uploads = [one for one in (data or []) if one]
        if self.required and not uploads:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(uploads) > MOST_PHOTOS:
            raise ValidationError(
                _("At most %(most)s photographs at once."),
                code="too_many",
                params={"most": MOST_PHOTOS},
            )
        return [super(PhotosField, self).clean(one, initial) for one in uploads]


class MomentField(forms.DateTimeField):
    """A day and a time of day, by the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M",
            attrs={"type": "datetime-local", "class": " ".join(INPUT_CLASSES)},
        )
        super().__init__(widget=widget, **kwargs)


class PhotoForm(forms.Form):
    """Photographs alone; checked and drawn anew while the form is checked."""

    photos = PhotosField(
        label=_("photographs"),
        required=False,
        widget=PhotoInput(
            attrs={
                "accept": "image/jpeg,image/png,image/webp",
                "multiple": True,
                "onchange": _SHOW_NAMES,
            }
        ),
        help_text=_(
            "JPEG, PNG or WebP, at most %(number)s at once, each at most %(most)s MB. "
            "They are kept without the place and the telephone that they name."
        )
        % {"number": MOST_PHOTOS, "most": LARGEST_BYTES // 1024**2},
    )
    keep_position = forms.BooleanField(
        label=_("Keep the place at which they were taken"),
        required=False,
        widget=UnfoldBooleanWidget(),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["developed"] = developed = []
        for upload in given.get("photos") or []:
            try:
                developed.append(develop(upload, bool(given.get("keep_position"))))
            except PhotographError as error:
                self.add_error("photos", str(error))
        return given

    @property
    def developed(self) -> list[Photograph]:
        """The photographs, fit to be kept."""
        return self.cleaned_data["developed"]


class ByWhomForm(PhotoForm):
    """When, by whom, for how much."""

    at = MomentField(label=_("done at"), initial=timezone.localtime)
    by_user = forms.ModelChoiceField(
        label=_("by our staff"),
        queryset=User.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget(),
        empty_label="–",
    )
    vendor = forms.ModelChoiceField(
        label=_("or by a vendor"),
        queryset=Vendor.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget(),
        empty_label="–",
    )
    under_warranty = forms.BooleanField(
        label=_("Under warranty: its costs are not the city's"),
        required=False,
        widget=UnfoldBooleanWidget(),
    )
    labour_rupiah = RupiahFormField(label=_("labour"), required=False)
    note = TextField(label=_("note"), required=False, rows=3)
    key = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, ticket: Ticket, *args: Any, by: Any = None, **kwargs: Any) -> None:
        self.ticket = ticket
        initial = {"key": f"form:{uuid.uuid4()}", "labour_rupiah": 0, **assigned(ticket, by)}
        kwargs["initial"] = {**initial, **kwargs.pop("initial", {})}
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True, is_staff=True).order_by("username")
        self.fields["by_user"].queryset = staff  # type: ignore[attr-defined]
        vendors = Vendor.objects.filter(active=True)
        self.fields["vendor"].queryset = vendors  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if bool(given.get("by_user")) == bool(given.get("vendor")):
            self.add_error("vendor", _("Say who did it: one of our staff, or a vendor."))
        return given

    def as_work(self, kind: RepairWork) -> Work:
        """What was typed, for the deed."""
        given = self.cleaned_data
        return Work(
            kind=kind,
            at=given["at"],
            by_user=given["by_user"],
            vendor=given["vendor"],
            under_warranty=given["under_warranty"],
            labour_rupiah=given["labour_rupiah"] or 0,
            note=given["note"],
        )


def assigned(ticket: Ticket, by: Any) -> dict[str, Any]:
    """Who probably did it: whoever the ticket is assigned to, else whoever is at the desk."""
    if ticket.vendor_id:
        return {"vendor": ticket.vendor_id}
    return {"by_user": ticket.assignee_id or getattr(by, "pk", None)}


class RepairForm(ByWhomForm):
    """A repair other than a new camera, which has a page of its own."""

    work = forms.ChoiceField(
        label=_("what was done"),
        choices=[one for one in RepairWork.choices if one[0] != RepairWork.REPLACEMENT],
        widget=UnfoldAdminSelectWidget(),
    )
    field_order = ["work", "at", "by_user", "vendor", "labour_rupiah", "under_warranty", "note"]

    @classmethod
    def first_values(cls, corrects: Repair | None) -> dict[str, Any]:
        """What a correction begins with: the repair that it corrects."""
        if corrects is None:
            return {}
        names = ("work", "by_user", "vendor", "under_warranty", "labour_rupiah", "note")
        return {**{name: getattr(corrects, name) for name in names}, "at": corrects.at}


class PartForm(forms.Form):
    """One line of parts."""

    name = forms.CharField(
        label=_("part"),
        max_length=150,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
    )
    serial_number = forms.CharField(
        label=_("serial number"),
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
    )
    quantity = forms.IntegerField(
        label=_("pieces"),
        min_value=1,
        max_value=100_000,
        initial=1,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    unit_rupiah = RupiahFormField(label=_("each"), required=False, help_text="")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.has_changed() and not given.get("name") and not self.errors:
            self.add_error("name", _("Name the part."))
        return given


class _PartFormSet(forms.BaseFormSet):
    def parts(self) -> list[Part]:
        """The lines that were filled in."""
        return [
            Part(
                name=given["name"],
                serial_number=given["serial_number"],
                quantity=given["quantity"] or 1,
                unit_rupiah=given["unit_rupiah"] or 0,
            )
            for form in self.forms
            if (given := form.cleaned_data).get("name")
        ]


PartFormSet = forms.formset_factory(
    PartForm, formset=_PartFormSet, extra=4, max_num=30, absolute_max=30
)


class ReplaceForm(ByWhomForm):
    """The new unit, and the work of putting it up."""

    serial_number = TextField(label=_("serial number"), max_length=100)
    brand = TextField(label=_("brand"), max_length=100, required=False)
    model = TextField(label=_("model"), max_length=100, required=False)
    price_rupiah = RupiahFormField(label=_("price of the camera"), required=False)
    stream_url = TextField(label=_("main stream"), max_length=500, required=False)
    substream_url = TextField(label=_("sub-stream"), max_length=500, required=False)
    snapshot_url = TextField(label=_("snapshot"), max_length=500, required=False)
    username = TextField(label=_("user name"), max_length=100, required=False)
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=200,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Never shown. Leave empty to keep the old camera's password."),
    )
    UNIT = ("serial_number", "brand", "model", "price_rupiah")
    ADDRESSES = ("stream_url", "substream_url", "snapshot_url", "username", "password")

    def __init__(self, ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        camera = ticket.camera
        names = ("stream_url", "substream_url", "snapshot_url", "username")
        old = {name: getattr(camera, name) for name in names} if camera else {}
        super().__init__(ticket, *args, initial=old, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        # The camera's own rules: which addresses may be probed, and that it has one.
        trial = Camera(
            **{
                name: given.get(name) or ""
                for name in ("stream_url", "substream_url", "snapshot_url", "username")
            }
        )
        others = [
            field.name
            for field in Camera._meta.fields
            if field.name not in ("stream_url", "substream_url", "snapshot_url", "username")
        ]
        try:
            trial.clean_fields(exclude=others)
            trial.clean()
        except ValidationError as error:
            self.add_error(None, error)
        if not trial.addresses:
            self.add_error(
                "stream_url",
                _("A monitored camera needs at least one address: main stream, sub-stream or "
                  "snapshot."),
            )  # fmt: skip
        return given

    def unit(self) -> NewUnit:
        """The new camera as it was typed in."""
        given = self.cleaned_data
        names = ("serial_number", "brand", "model", *self.ADDRESSES)
        return NewUnit(**{name: given[name] for name in names})


class VoidForm(BaseDialogForm):
    reason = TextField(label=_("reason"), rows=2)
