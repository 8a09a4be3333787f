"""What is asked before a deed of a ticket: the forms in the dialogs, and that of a new ticket."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from maintenance.admin.package_forms import DayField, TextField
from maintenance.models import CancelReason, ReportedFault, Ticket, Vendor, WaitCause

__all__ = [
    "AssignForm",
    "CancelForm",
    "NoteForm",
    "ReasonForm",
    "SnoozeForm",
    "TicketForm",
    "WaitForm",
    "assign_fields",
    "until",
]


class PersonField(forms.ModelChoiceField):
    """A member of staff, by name."""

    def __init__(self, **kwargs: Any) -> None:
        people = User.objects.filter(is_active=True, is_staff=True)
        people = people.order_by("first_name", "last_name", "username")
        super().__init__(people, required=False, widget=UnfoldAdminSelectWidget(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return obj.get_full_name() or obj.get_username()


def assign_fields() -> dict[str, forms.Field]:
    """To whom; exactly one of both."""
    return {
        "person": PersonField(label=_("person")),
        "vendor": forms.ModelChoiceField(
            Vendor.objects.filter(active=True),
            label=_("or vendor"),
            required=False,
            widget=UnfoldAdminSelectWidget(),
        ),
    }


def until(day: Any) -> datetime:
    """The beginning of a day, by the clock of Jakarta."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _tomorrow() -> Any:
    return timezone.localdate() + timedelta(days=1)


class NoteForm(BaseDialogForm):
    note = TextField(label=_("Note"), required=False, rows=3)


class ReasonForm(BaseDialogForm):
    note = TextField(label=_("Why"), rows=3)


class AssignForm(BaseDialogForm):
    note = TextField(label=_("Note"), required=False, rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields.pop("note")
        self.fields.update(assign_fields())
        self.fields["note"] = note
        if not self.is_bound and self.object_id:
            ticket = Ticket.objects.filter(pk=self.object_id).first()
            if ticket is not None:
                self.initial |= {"person": ticket.assignee_id, "vendor": ticket.vendor_id}


class WaitForm(BaseDialogForm):
    cause = forms.ChoiceField(
        label=_("waits for"), choices=WaitCause.choices, widget=UnfoldAdminSelectWidget()
    )
    note = TextField(label=_("Note"), required=False, rows=3)


class SnoozeForm(BaseDialogForm):
    day = DayField(label=_("until"), initial=_tomorrow)
    note = TextField(label=_("Note"), required=False, rows=2)


class CancelForm(BaseDialogForm):
    reason = forms.ChoiceField(
        label=_("cancelled as"), choices=CancelReason.choices, widget=UnfoldAdminSelectWidget()
    )
    note = TextField(label=_("Why"), rows=3)


class TicketForm(forms.ModelForm):
    """A ticket that somebody opens for what no probe sees."""

    class Meta:
        model = Ticket
        fields = ["camera", "uplink", "reported_fault", "description"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reported_fault" in self.fields:
            self.fields["reported_fault"] = forms.ChoiceField(
                label=self.fields["reported_fault"].label,
                choices=ReportedFault.choices,
                widget=UnfoldAdminSelectWidget(),
            )
            self.fields["description"].required = True
            self.fields["description"].help_text = _("What was seen, and by whom it was reported.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        camera, uplink = given.get("camera"), given.get("uplink")
        if (camera is None) == (uplink is None):
            raise ValidationError(gettext("Choose either a camera or an uplink."))
        field = "camera" if camera else "uplink"
        other = Ticket.objects.unclosed().filter(**{field: camera or uplink}).first()
        if other is not None:
            raise ValidationError(
                {
                    field: gettext("%(subject)s already has an open ticket: %(ticket)s.")
                    % {"subject": camera or uplink, "ticket": other}
                }
            )
        return given
