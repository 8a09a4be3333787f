"""Packages to take home as XLSX or CSV: one row a package, with how far it is and what it costs."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field

from maintenance.exporting import PlainResource
from maintenance.models import Package
from maintenance.package_progress import Progress, progress_of_all

__all__ = ["PackageResource"]


class PackageResource(PlainResource):
    """Amounts and days as numbers, so that a spreadsheet can reckon with them."""

    year = Field(attribute="line__year__year", column_name=_("year"))
    agency = Field(attribute="line__agency__code", column_name=_("agency"))
    account_code = Field(attribute="line__code", column_name=_("account code"))
    rules = Field(attribute="rule_set__citation", column_name=_("citation"))
    stage = Field(column_name=_("stage"))
    holder = Field(column_name=_("held by"))
    round = Field(column_name=_("round"))
    days_late = Field(column_name=_("days late"))
    contract_expected_on = Field(column_name=_("contract expected on"))
    camera_days = Field(column_name=_("camera-days"))
    camera_days_late = Field(column_name=_("camera-days by being late"))
    floodgate_days = Field(column_name=_("camera-days at floodgates"))

    class Meta:
        model = Package
        fields = (
            "code",
            "name",
            "year",
            "agency",
            "account_code",
            "kind",
            "method",
            "rules",
            "rule_date",
            "state",
            "round",
            "stage",
            "holder",
            "days_late",
            "contract_expected_on",
            "hps_rupiah",
            "contract_rupiah",
            "vendor_name",
            "contract_number",
            "signed_on",
            "ends_on",
            "accepted_on",
            "camera_days",
            "camera_days_late",
            "floodgate_days",
        )
        export_order = fields
        widgets = {name: {"coerce_to_string": False} for name in ("hps_rupiah", "contract_rupiah")}

    def before_export(self, queryset: Any, **kwargs: Any) -> None:
        self._progress = progress_of_all(queryset)

    def filter_export(self, queryset: Any, **kwargs: Any) -> Any:
        return queryset.select_related("line__year", "line__agency", "rule_set")

    def dehydrate_stage(self, package: Package) -> str:
        stage = self._of(package).stage_now
        return stage.name if stage else ""

    def dehydrate_holder(self, package: Package) -> str:
        stage = self._of(package).stage_now
        return stage.get_holder_display() if stage else ""

    def dehydrate_round(self, package: Package) -> int:
        return len(self._of(package).rounds)

    def dehydrate_days_late(self, package: Package) -> int:
        return self._of(package).days_late

    def dehydrate_contract_expected_on(self, package: Package) -> str:
        day = self._of(package).contract_on
        return day.isoformat() if day else ""

    def dehydrate_camera_days(self, package: Package) -> float:
        return round(self._of(package).cost.camera_days, 4)

    def dehydrate_camera_days_late(self, package: Package) -> float:
        return round(self._of(package).cost.late_camera_days, 4)

    def dehydrate_floodgate_days(self, package: Package) -> float:
        return round(self._of(package).cost.floodgate_days, 4)

    def _of(self, package: Package) -> Progress:
        return self._progress[package.pk]
