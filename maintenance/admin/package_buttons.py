"""The buttons of a package's page: each asks, calls one deed, and says what came of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from maintenance import contracts, procurement
from maintenance.admin import package_forms as forms
from maintenance.ledger import LedgerError
from maintenance.models import Package, PackageState, Stage
from maintenance.package_plan import running_round
from maintenance.procurement import ProcurementError
from maintenance.procurement_schedule import Role

__all__ = ["PackageButtons", "try_deed"]

_OPEN = (PackageState.PLANNED, PackageState.RUNNING)
_SIGNED = (PackageState.CONTRACTED, PackageState.ACCEPTED)
# Button → the states in which it makes sense. The deeds refuse all others by themselves.
_STATES: dict[str, tuple[PackageState, ...]] = {
    "start": (PackageState.PLANNED,),
    "choose_method": (PackageState.PLANNED,),
    "record_stage": (PackageState.RUNNING, PackageState.CONTRACTED),
    "need_stage": (PackageState.RUNNING,),
    "put_off": (PackageState.RUNNING, PackageState.CONTRACTED),
    "fail_tender": (PackageState.RUNNING,),
    "sign": (PackageState.RUNNING,),
    "cancel": _OPEN,
    "accept": (PackageState.CONTRACTED,),
    "amend": _SIGNED,
    "pay": _SIGNED,
}
# Buttons that make sense only when the round has come to their stage.
_TURNS = {"sign": Role.CONTRACT, "accept": Role.HANDOVER}


def try_deed(
    request: HttpRequest, form: BaseDialogForm, package: Package, deed: Callable[[], Any], done: str
) -> HttpResponse:
    """Do it and go back to the package; when it is refused, say why in the dialog itself."""
    try:
        deed()
    except (ProcurementError, LedgerError) as error:
        shown = [name for name in form.fields if not name.startswith("_")]
        form.add_error(shown[-1] if shown else None, str(error))
        return render(request, "unfold/helpers/dialog.html", {"dialog": {}, "form": form})
    messages.success(request, done)
    return HttpResponse(headers={"HX-Redirect": package.get_absolute_url()})


class PackageButtons:
    """The actions, for the admin class of packages."""

    actions_detail: list[Any] = [
        "start",
        "record_stage",
        "sign",
        "accept",
        "pay",
        {
            "title": _("More"),
            "icon": "more_horiz",
            "items": [
                "choose_method",
                "put_off",
                "need_stage",
                "fail_tender",
                "amend",
                "cancel",
            ],
        },
    ]

    def has_run_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("maintenance.run_package")

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("maintenance.cancel_package")

    def has_sign_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("maintenance.sign_package")

    def has_accept_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("maintenance.accept_package")

    def has_pay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("maintenance.pay_package")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer only what can be done now."""
        package = Package.objects.filter(pk=object_id).first()
        if package is None:
            return []
        turn = _whose_turn(package)
        offered = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [each for each in offered if _makes_sense(_name(each), package, turn)]

    @action(
        description=_("Start procurement"),
        icon="play_arrow",
        permissions=["run"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("Start the procurement"),
            "description": _("Every stage is planned from this day; the plan is kept as baseline."),
            "form_class": forms.StartForm,
            "form_submit_text": _("Start"),
        },
    )
    def start(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        return _try(
            request,
            form,
            object_id,
            lambda package, by: procurement.start(package, form.cleaned_data["on"], by),
            _("The procurement has started."),
        )

    @action(
        description=_("Choose method"),
        icon="alt_route",
        permissions=["run"],
        dialog={"title": _("Choose another method"), "form_class": forms.MethodForm},
    )
    def choose_method(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        given = form.cleaned_data
        return _try(
            request,
            form,
            object_id,
            lambda package, by: procurement.choose_method(
                package, given["method"], by, given["justification"]
            ),
            _("The method is changed."),
        )

    @action(
        description=_("Record a stage"),
        icon="task_alt",
        permissions=["run"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("What happened of a stage"),
            "description": _("The plan of the stages after it moves along."),
            "form_class": forms.StageForm,
            "form_submit_text": _("Record"),
        },
    )
    def record_stage(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        given = form.cleaned_data
        stage: Stage = given["stage"]
        return _try(
            request,
            form,
            object_id,
            lambda _package, by: procurement.record_stage(
                stage, given["started"], given["ended"], by, given["remarks"]
            ),
            _("Stage “%(stage)s” is recorded.") % {"stage": stage},
        )

    @action(
        description=_("Add a stage"),
        icon="add_task",
        permissions=["run"],
        dialog={
            "title": _("Add a stage that is needed now"),
            "description": _("As the answer to an objection."),
            "form_class": forms.NeedStageForm,
        },
    )
    def need_stage(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        return _try(
            request,
            form,
            object_id,
            lambda _package, by: procurement.need_stage(form.cleaned_data["stage"], by),
            _("The stage is part of the plan now."),
        )

    @action(
        description=_("Put a stage off"),
        icon="event_upcoming",
        permissions=["run"],
        dialog={"title": _("Put a stage off"), "form_class": forms.PutOffForm},
    )
    def put_off(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        given = form.cleaned_data
        return _try(
            request,
            form,
            object_id,
            lambda _package, by: procurement.put_off(
                given["stage"], given["until"], by, given["remarks"]
            ),
            _("The plan has moved."),
        )

    @action(
        description=_("Tender failed"),
        icon="replay",
        permissions=["run"],
        dialog={
            "title": _("The tender failed"),
            "description": _("A new round begins on the next working day; this one is kept."),
            "form_class": forms.FailForm,
            "form_submit_text": _("Begin a new round"),
        },
    )
    def fail_tender(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        given = form.cleaned_data
        return _try(
            request,
            form,
            object_id,
            lambda package, by: procurement.fail_tender(
                package,
                given["reason"],
                given["failed_on"],
                by,
                again_from=Role(given["again_from"]),
            ),
            _("A new round has begun."),
        )

    @action(
        description=_("Cancel package"),
        icon="cancel",
        permissions=["cancel"],
        variant=ActionVariant.DANGER,
        dialog={
            "title": _("Cancel the package"),
            "description": _("What is reserved falls back to the line, and its tickets are free."),
            "form_class": forms.CancelForm,
            "form_submit_text": _("Cancel the package"),
        },
    )
    def cancel(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        return _try(
            request,
            form,
            object_id,
            lambda package, by: procurement.cancel(package, form.cleaned_data["reason"], by),
            _("The package is cancelled."),
        )

    @action(
        description=_("Sign contract"),
        icon="draw",
        permissions=["sign"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("Sign the contract"),
            "description": _("The ledger gets the commitment at the same moment."),
            "form_class": forms.SignForm,
            "form_submit_text": _("Sign"),
        },
    )
    def sign(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        given = form.cleaned_data
        return _try(
            request,
            form,
            object_id,
            lambda package, by: contracts.sign_contract(
                package,
                given["number"],
                given["vendor_name"],
                given["value_rupiah"],
                given["signed_on"],
                given["ends_on"],
                by,
                ppn_rupiah=given["ppn_rupiah"] or 0,
            ),
            _("The contract is signed."),
        )

    @action(
        description=_("Addendum"),
        icon="edit_document",
        permissions=["sign"],
        dialog={"title": _("Enter an addendum"), "form_class": forms.AmendForm},
    )
    def amend(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        given = form.cleaned_data
        return _try(
            request,
            form,
            object_id,
            lambda package, by: contracts.amend_contract(
                package,
                given["number"],
                given["difference_rupiah"],
                given["day"],
                given["reason"],
                by,
            ),
            _("The addendum is entered."),
        )

    @action(
        description=_("Accept work (BAST)"),
        icon="fact_check",
        permissions=["accept"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("Accept the work"),
            "description": _("The tickets move on to verification."),
            "form_class": forms.AcceptForm,
            "form_submit_text": _("Accept"),
        },
    )
    def accept(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        given = form.cleaned_data
        return _try(
            request,
            form,
            object_id,
            lambda package, by: contracts.accept_work(
                package, given["number"], given["accepted_on"], by
            ),
            _("The work is accepted."),
        )

    @action(
        description=_("Enter payment (SP2D)"),
        icon="payments",
        permissions=["pay"],
        dialog={
            "title": _("Enter a payment"),
            "description": _("By its SP2D; before the work is accepted it is an advance."),
            "form_class": forms.PayForm,
            "form_submit_text": _("Enter payment"),
        },
    )
    def pay(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        given = form.cleaned_data
        return _try(
            request,
            form,
            object_id,
            lambda package, by: contracts.pay(
                package,
                given["number"],
                given["paid_on"],
                given["amount_rupiah"],
                by,
                pph_rupiah=given["pph_rupiah"] or 0,
            ),
            _("The payment is entered."),
        )


def _try(
    request: HttpRequest,
    form: Any,
    object_id: int,
    deed: Callable[[Package, User], Any],
    done: Any,
) -> HttpResponse:
    package = get_object_or_404(Package, pk=object_id)
    by: User = request.user  # type: ignore[assignment]
    return try_deed(request, form, package, lambda: deed(package, by), done)


def _name(offered: Any) -> str:
    return offered.action_name.removeprefix("maintenance_package_")


def _makes_sense(name: str, package: Package, turn: str) -> bool:
    return package.state in _STATES[name] and _TURNS.get(name, turn) == turn


def _whose_turn(package: Package) -> str:
    """The role of the first stage that is not done; "" when it has none, or nothing runs."""
    going = running_round(package)
    if going is None:
        return ""
    stage = going.stages.filter(included=True, actual_end=None).order_by("order").first()
    return stage.role if stage else ""
