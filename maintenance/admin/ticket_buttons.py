"""The buttons of a ticket's page: one for each deed that people may do, made from the rules.

Only those are offered that the ticket's state and the person's rights allow. Whoever asks for
another one all the same is told why not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from cameras.reach import owns, reach_of
from maintenance import ticket_deeds as deeds
from maintenance.admin import ticket_forms as forms
from maintenance.models import CancelReason, Ticket, TicketDeed, WaitCause
from maintenance.ticket_rules import RULES, TicketError, offered, refusal

__all__ = ["TicketButtons"]

_Run = Callable[[Ticket, User, dict[str, Any]], Any]


@dataclass(frozen=True)
class Button:
    """How a deed is asked for, and done with what was answered."""

    deed: TicketDeed
    icon: str
    run: _Run
    form: type[BaseDialogForm] = forms.NoteForm
    variant: ActionVariant = ActionVariant.DEFAULT
    description: Any = ""


_BUTTONS = [
    Button(
        TicketDeed.ACKNOWLEDGE,
        "visibility",
        lambda ticket, by, given: deeds.acknowledge(ticket, by, given["note"]),
        variant=ActionVariant.PRIMARY,
        description=_("Somebody has seen it and looks into it."),
    ),
    Button(
        TicketDeed.ASSIGN,
        "person_add",
        lambda ticket, by, given: deeds.assign(
            ticket, by, person=given["person"], vendor=given["vendor"], note=given["note"]
        ),
        forms.AssignForm,
        ActionVariant.PRIMARY,
        _("To a person or to a vendor."),
    ),
    Button(
        TicketDeed.BEGIN,
        "construction",
        lambda ticket, by, given: deeds.begin_repair(ticket, by, given["note"]),
        variant=ActionVariant.PRIMARY,
        description=_("The work at the camera has begun."),
    ),
    Button(
        TicketDeed.REPAIRED,
        "task_alt",
        lambda ticket, by, given: deeds.repaired(ticket, by, given["note"]),
        variant=ActionVariant.PRIMARY,
        description=_(
            "The camera is looked at closely at once. The ticket closes when its pictures have "
            "proven the repair."
        ),
    ),
    Button(
        TicketDeed.VERIFY,
        "verified",
        lambda ticket, by, given: deeds.verify(ticket, by, given["note"]),
        variant=ActionVariant.PRIMARY,
        description=_(
            "Compare the picture after the repair with that before it. "
            "The closed ticket keeps your name and your note."
        ),
    ),
    Button(
        TicketDeed.WAIT,
        "hourglass_top",
        lambda ticket, by, given: deeds.wait(ticket, by, WaitCause(given["cause"]), given["note"]),
        forms.WaitForm,
        description=_("Say what keeps the repair from going on: its days count for that cause."),
    ),
    Button(
        TicketDeed.SNOOZE,
        "snooze",
        lambda ticket, by, given: deeds.snooze(
            ticket, by, forms.until(given["day"]), given["note"]
        ),
        forms.SnoozeForm,
        description=_("Until that day nobody is reminded of it."),
    ),
    Button(
        TicketDeed.OVERRIDE,
        "lock_open",
        lambda ticket, by, given: deeds.override(ticket, by, given["note"]),
        forms.ReasonForm,
        description=_("Without the proof of a picture. Say why that is right."),
    ),
    Button(
        TicketDeed.REOPEN,
        "undo",
        lambda ticket, by, given: deeds.reopen(ticket, by, given["note"]),
        forms.ReasonForm,
        description=_("The repair was not done after all."),
    ),
    Button(
        TicketDeed.CANCEL,
        "cancel",
        lambda ticket, by, given: deeds.cancel(
            ticket, by, CancelReason(given["reason"]), given["note"]
        ),
        forms.CancelForm,
        ActionVariant.DANGER,
        _("A false alarm, or a duplicate of another ticket: say which."),
    ),
]


def _method(button: Button) -> Any:
    """The admin's action for a button."""

    def run(self: Any, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        ticket = get_object_or_404(Ticket, pk=object_id)
        try:
            button.run(ticket, request.user, form.cleaned_data)  # type: ignore[arg-type]
        except TicketError as error:
            shown = [name for name in form.fields if not name.startswith("_")]
            form.add_error(shown[-1] if shown else None, str(error))
            return render(request, "unfold/helpers/dialog.html", {"dialog": {}, "form": form})
        messages.success(
            request,
            _("Ticket %(ticket)s: %(state)s.") % {"ticket": ticket, "state": ticket.state_in_words},
        )
        return HttpResponse(headers={"HX-Redirect": ticket.get_absolute_url()})

    run.__name__ = button.deed.value
    title = capfirst(button.deed.label)
    asked = action(
        description=title,
        icon=button.icon,
        variant=button.variant,
        dialog={
            "title": title,
            "description": button.description,
            "form_class": button.form,
            "form_submit_text": title,
        },
    )(run)

    @wraps(asked)
    def for_those_who_may(self: Any, request: HttpRequest, object_id: int) -> HttpResponse:
        if not request.user.has_perm(RULES[button.deed].codename):
            ticket = get_object_or_404(Ticket, pk=object_id)
            raise PermissionDenied(refusal(button.deed, ticket, request.user))  # type: ignore[arg-type]
        return asked(self, request, object_id=object_id)

    return for_those_who_may


class TicketButtons:
    """The actions, for the admin class of tickets."""

    actions_detail: list[Any] = [
        "acknowledge",
        "assign",
        "begin",
        "repaired",
        "verify",
        {
            "title": _("More"),
            "icon": "more_horiz",
            "items": ["wait", "snooze", "override", "reopen", "cancel"],
        },
    ]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer only what this person can do now."""
        ticket = self.get_object(request, str(object_id))  # type: ignore[attr-defined]
        if ticket is None or not owns(reach_of(request.user), ticket):
            return []
        names = {
            deed.value for deed in offered(ticket) if request.user.has_perm(RULES[deed].codename)
        }
        all_actions = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [each for each in all_actions if _name(each) in names | self.extra_buttons]

    # Buttons that do no deed of the rules; whoever adds one checks its rights itself.
    extra_buttons: set[str] = set()


for _each in _BUTTONS:
    setattr(TicketButtons, _each.deed.value, _method(_each))


def _name(given: Any) -> str:
    return given.action_name.removeprefix("maintenance_ticket_")
