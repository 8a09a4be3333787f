"""Vendors in the admin: whom to call, what they won, and how well they repair."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.views import ChangeList

from cameras.reached_admin import ReachedAdmin, ReachedInline
from maintenance.models import Package, Vendor, VendorContact, VendorContract
from maintenance.vendor_record import came_back, records


class RecordChangeList(ChangeList):
    """Knows the record of each vendor of the page; a fixed number of queries for all."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        vendors: list[Any] = list(self.result_list)  # type: ignore[has-type]
        found = records(vendors)
        for vendor in vendors:
            vendor.record = found[vendor.pk]
        self.result_list = vendors


class ContactInline(TabularInline):
    model = VendorContact
    extra = 0
    tab = False


class ContractInline(ReachedInline, TabularInline):
    model = VendorContract
    extra = 0
    tab = False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "package":
            kwargs["queryset"] = Package.objects.exclude(signed_on=None).order_by("-signed_on")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Vendor)
class VendorAdmin(ReachedAdmin, ModelAdmin):
    list_display = ["name", "is_active", "contact", "done", "median", "returned"]
    list_filter = ["active"]
    search_fields = ["name", "contacts__person", "contacts__phone", "contacts__email"]
    list_per_page = 50
    inlines = [ContactInline, ContractInline]
    change_form_before_template = "admin/maintenance/vendor.html"
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("contacts")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RecordChangeList

    @display(
        description=gettext_lazy("active"),
        label={"yes": "success", "no": "default"},
        ordering="active",
    )
    def is_active(self, vendor: Vendor) -> tuple[str, Any]:
        return ("yes", _("active")) if vendor.active else ("no", _("not active"))

    @admin.display(description=gettext_lazy("contact"))
    def contact(self, vendor: Vendor) -> str:
        first = next(iter(vendor.contacts.all()), None)
        return " ".join(filter(None, [first.person, first.phone])) if first else "–"

    @admin.display(description=gettext_lazy("repairs done"))
    def done(self, vendor: Any) -> str:
        return number_format(vendor.record.repairs)

    @admin.display(description=gettext_lazy("median time to repair"))
    def median(self, vendor: Any) -> str:
        return in_words(vendor.record.median)

    @display(
        description=gettext_lazy("came back within 7 days"),
        label={"some": "danger", "none": "default"},
    )
    def returned(self, vendor: Any) -> tuple[str, str]:
        record = vendor.record
        if not record.returns:
            return "none", number_format(0)
        return "some", _("%(returns)s of %(repairs)s") % {
            "returns": number_format(record.returns),
            "repairs": number_format(record.repairs),
        }

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        vendor = self.get_object(request, object_id)
        context = {**(extra_context or {})}
        if vendor is not None:
            record = records([vendor])[vendor.pk]
            context |= {"vendor_record": record, "vendor_median": in_words(record.median)}
            context["came_back"] = came_back(vendor)
        return super().change_view(request, object_id, form_url, context)


def in_words(time: timedelta | None) -> str:
    """Minutes or hours while there are few, days after that."""
    if time is None:
        return "–"
    hours = time.total_seconds() / 3600
    if hours < 1:
        minutes = max(1, round(hours * 60))
        words = ngettext("%(number)s minute", "%(number)s minutes", minutes)
        return words % {"number": number_format(minutes)}
    if hours < 48:
        whole = round(hours, 1)
        words = ngettext("%(number)s hour", "%(number)s hours", 2 if whole != 1 else 1)
        return words % {"number": number_format(whole, 1)}
    words = ngettext("%(number)s day", "%(number)s days", 2)
    return words % {"number": number_format(hours / 24, 1)}
