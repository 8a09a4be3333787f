"""What is asked before a deed of a package: the forms in the dialogs, and that of a new package."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from maintenance import ledger
from maintenance.fields import RupiahFormField
from maintenance.models import BudgetLine, Kind, Method, Outcome, Package, Stage
from maintenance.procurement_rules import ProcurementError, rules_on, ruling
from maintenance.procurement_schedule import Role
from maintenance.rupiah import format_rupiah

__all__ = [
    "AcceptForm",
    "AmendForm",
    "CancelForm",
    "DayField",
    "FailForm",
    "MethodForm",
    "NeedStageForm",
    "PackageForm",
    "PayForm",
    "PutOffForm",
    "SignForm",
    "StageForm",
    "StartForm",
]


class DayField(forms.DateField):
    """A day, by the browser's own calendar: dialogs come without the admin's scripts."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.DateInput(
                format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}
            ),
        )
        super().__init__(**kwargs)


class TextField(forms.CharField):
    def __init__(self, *, rows: int = 0, **kwargs: Any) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": rows}) if rows else None
        super().__init__(widget=widget or UnfoldAdminTextInputWidget(), **kwargs)


class StageChoice(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Stage.objects.none(),
            label=_("stage"),
            widget=UnfoldAdminSelectWidget(),
            empty_label=None,
            **kwargs,
        )


class PackageDialog(BaseDialogForm):
    """A dialog about one package."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.package = Package.objects.filter(pk=self.object_id).first()
        self.prepare()

    def prepare(self) -> None:
        """Fill in what is known already."""

    def stages(self) -> QuerySet[Stage]:
        """Those of the round under way that have not ended."""
        return Stage.objects.filter(
            round__package=self.package, round__outcome=Outcome.RUNNING, actual_end=None
        ).order_by("order")


class StartForm(PackageDialog):
    on = DayField(label=_("begins on"), initial=timezone.localdate)


class MethodForm(PackageDialog):
    method = forms.ChoiceField(
        label=_("method"), choices=Method.choices, widget=UnfoldAdminSelectWidget()
    )
    justification = TextField(label=_("justification"), required=False)

    def prepare(self) -> None:
        if self.package:
            self.initial = {
                "method": self.package.method,
                "justification": self.package.justification,
            }


class StageForm(PackageDialog):
    stage = StageChoice()
    started = DayField(label=_("started"))
    ended = DayField(label=_("ended"), required=False, help_text=_("Empty: still under way."))
    remarks = TextField(label=_("notes"), required=False, rows=2)

    def prepare(self) -> None:
        stages = self.stages().filter(included=True)
        self.fields["stage"].queryset = stages
        if first := stages.first():
            self.initial = {
                "stage": first.pk,
                "started": first.actual_start or first.planned_start,
                "remarks": first.remarks,
            }


class NeedStageForm(PackageDialog):
    stage = StageChoice()

    def prepare(self) -> None:
        self.fields["stage"].queryset = self.stages().filter(included=False)


class PutOffForm(PackageDialog):
    stage = StageChoice()
    until = DayField(label=_("not before"))
    remarks = TextField(label=_("notes"), required=False, rows=2)

    def prepare(self) -> None:
        stages = self.stages().filter(included=True, actual_start=None)
        self.fields["stage"].queryset = stages


class FailForm(PackageDialog):
    failed_on = DayField(label=_("failed on"), initial=timezone.localdate)
    reason = TextField(label=_("reason"), rows=2)
    again_from = forms.ChoiceField(
        label=_("again from"),
        choices=[
            (Role.ANNOUNCEMENT.value, _("the announcement")),
            (Role.DOCUMENTS.value, _("changed documents")),
        ],
        widget=UnfoldAdminSelectWidget(),
    )


class CancelForm(PackageDialog):
    reason = TextField(label=_("reason"), rows=2)


class SignForm(PackageDialog):
    number = TextField(label=_("contract number"), max_length=100)
    vendor_name = TextField(label=_("vendor"), max_length=150)
    value_rupiah = RupiahFormField(label=_("contract value"), min_value=1)
    ppn_rupiah = RupiahFormField(
        label=_("PPN (VAT)"), required=False, help_text=_("Inside the amount.")
    )
    signed_on = DayField(label=_("signed on"), initial=timezone.localdate)
    ends_on = DayField(label=_("work ends on"))


class AmendForm(PackageDialog):
    number = TextField(label=_("addendum number"), max_length=100)
    day = DayField(label=_("of"), initial=timezone.localdate)
    difference_rupiah = RupiahFormField(
        label=_("difference"), min_value=None, help_text=_("Negative when the value falls.")
    )
    reason = TextField(label=_("reason"), rows=2)


class AcceptForm(PackageDialog):
    number = TextField(label=_("BAST number"), max_length=100)
    accepted_on = DayField(label=_("accepted on"), initial=timezone.localdate)


class PayForm(PackageDialog):
    number = TextField(label=_("SP2D number"), max_length=100)
    paid_on = DayField(label=_("paid on"), initial=timezone.localdate)
    amount_rupiah = RupiahFormField(label=_("amount"), min_value=1)
    pph_rupiah = RupiahFormField(
        label=_("PPh (income tax)"), required=False, help_text=_("Withheld.")
    )

    def prepare(self) -> None:
        if self.package and self.package.commitment:
            self.initial = {"amount_rupiah": ledger.standing(self.package.commitment).left}


class PackageForm(forms.ModelForm):
    """A new package: refused while it is typed, with the rule, for what the deed would refuse."""

    class Meta:
        model = Package
        fields = [
            "code",
            "name",
            "line",
            "kind",
            "rule_date",
            "hps_rupiah",
            "method",
            "justification",
            "work_days",
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        line: BudgetLine | None = given.get("line")
        hps = given.get("hps_rupiah")
        if self.instance.pk is not None or not hps:
            return given
        if line is not None and hps > (available := ledger.balance(line).available):
            self.add_error(
                "hps_rupiah",
                ValidationError(
                    _("The line has only %(available)s left."),
                    params={"available": format_rupiah(available)},
                ),
            )
        if given.get("rule_date") and given.get("method") and given.get("kind"):
            self._clean_method(given, hps)
        return given

    def _clean_method(self, given: dict[str, Any], hps: int) -> None:
        try:
            answer = ruling(
                rules_on(given["rule_date"]),
                Method(given["method"]),
                Kind(given["kind"]),
                hps,
                given.get("justification") or "",
            )
        except ProcurementError as error:
            self.add_error("rule_date", str(error))
            return
        if not answer.is_allowed:
            self.add_error("method", answer.refusal)
