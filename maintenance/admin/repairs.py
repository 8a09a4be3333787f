"""Repairs in the admin: the list of what was done and paid, a page for each, and their entry."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from cameras.reach import own_or_404, seen_or_404
from cameras.whole_numbers import whole_number
from maintenance import repairs
from maintenance.admin.repair_forms import (
    PartFormSet,
    PhotoForm,
    RepairForm,
    ReplaceForm,
    VoidForm,
)
from maintenance.admin.ticket_work import link_to
from maintenance.camera_replacement import replace_camera
from maintenance.models import Repair, RepairPhoto, RepairWork, Ticket
from maintenance.repairs import RepairError
from maintenance.rupiah import format_rupiah
from monitoring.admin.shared import ReadOnlyAdmin
from monitoring.pictures import folder
from monitoring.views import picture_response


class ValidFilter(admin.SimpleListFilter):
    title = gettext_lazy("valid")
    parameter_name = "valid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("without those that were voided"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(void=None) if self.value() == "yes" else queryset


@admin.register(Repair)
class RepairAdmin(ReadOnlyAdmin):
    list_display = ["ticket_link", "what", "at", "by", "labour", "parts_sum", "total", "status"]
    list_display_links = ["what"]
    list_filter = [ValidFilter, "work", "under_warranty", "vendor"]
    list_per_page = 50
    search_fields = [
        "ticket__camera__code",
        "camera__code",
        "camera__serial_number",
        "parts__serial_number",
        "parts__name",
        "vendor__name",
    ]
    fields = [
        "ticket_link",
        "camera",
        "what",
        "at",
        "by",
        "under_warranty",
        "labour",
        "parts_sum",
        "total",
        "note",
        "entered_at",
        "entered_by",
        "corrects",
    ]
    readonly_fields = fields
    change_form_before_template = "admin/maintenance/repair.html"
    actions_detail = ["void"]
    view_on_site = False

    def has_void_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("maintenance.void_repair")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: Any = super().get_queryset(request)
        return found.with_totals().select_related(
            "ticket__camera", "ticket__uplink", "camera", "vendor", "by_user", "void__by"
        )

    @admin.display(description=gettext_lazy("ticket"), ordering="ticket")
    def ticket_link(self, repair: Repair) -> SafeString:
        return link_to(repair.ticket, f"{repair.ticket} {repair.ticket.subject.code}")

    @admin.display(description=gettext_lazy("what was done"), ordering="work")
    def what(self, repair: Repair) -> str:
        return repair.get_work_display()

    @admin.display(description=gettext_lazy("by"))
    def by(self, repair: Repair) -> str:
        return repair.by_whom

    @admin.display(description=gettext_lazy("labour"), ordering="labour_rupiah")
    def labour(self, repair: Repair) -> str:
        return format_rupiah(repair.labour_rupiah)

    @admin.display(description=gettext_lazy("parts"), ordering="parts_rupiah")
    def parts_sum(self, repair: Any) -> str:
        return format_rupiah(repair.parts_rupiah)

    @admin.display(description=gettext_lazy("total"), ordering="total_rupiah")
    def total(self, repair: Any) -> str:
        return format_rupiah(repair.total_rupiah)

    @display(
        description=gettext_lazy("state"),
        label={"void": "danger", "warranty": "info", "valid": "success"},
    )
    def status(self, repair: Repair) -> tuple[str, Any]:
        if repair.is_void:
            return "void", _("voided")
        return ("warranty", _("under warranty")) if repair.under_warranty else ("valid", _("valid"))

    @action(
        description=gettext_lazy("Void this repair"),
        icon="block",
        permissions=["void"],
        variant=ActionVariant.DANGER,
        dialog={
            "title": gettext_lazy("Void this repair"),
            "description": gettext_lazy(
                "It stays on record and counts no more. What is right is entered again."
            ),
            "form_class": VoidForm,
            "form_submit_text": gettext_lazy("Void"),
        },
    )
    def void(self, request: HttpRequest, form: VoidForm, object_id: int) -> HttpResponse:
        repair = get_object_or_404(Repair, pk=object_id)
        try:
            repairs.void(repair, form.cleaned_data["reason"], request.user)  # type: ignore[arg-type]
        except RepairError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The repair is voided."))
        return HttpResponse(headers={"HX-Redirect": repair.get_absolute_url()})

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Offer to void only what is valid."""
        if Repair.objects.valid().filter(pk=object_id).exists():
            return super().get_actions_detail(request, object_id)
        return []

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        repair = self.get_object(request, object_id)
        context = {**(extra_context or {})}
        if repair is not None:
            corrected = Repair.objects.filter(corrects=repair).first()
            may_enter = request.user.has_perm("maintenance.add_repair")
            context |= {
                "repair": repair,
                "parts": repair.parts.all(),
                "photos": repair.photos.all(),
                "void": repair.void if repair.is_void else None,
                "corrected_by": corrected,
                "may_correct": may_enter and repair.is_void and corrected is None,
                "photo_form": PhotoForm() if may_enter else None,
            }
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        pages: list[tuple[str, Any, str]] = [
            ("enter/<int:ticket_id>/", enter_page, "enter"),
            ("replace/<int:ticket_id>/", replace_page, "replace"),
            ("<int:repair_id>/photos/", add_photos, "photos"),
            ("photos/<int:photo_id>.jpg", photo, "photo"),
        ]
        return [
            path(address, view(page), name=f"maintenance_repair_{name}")
            for address, page, name in pages
        ] + super().get_urls()


def enter_page(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Enter a repair of a ticket; `?corrects=` one that was voided."""
    _expect(request, "maintenance.add_repair")
    ticket = _ticket(request, ticket_id)
    corrects = None
    if (key := whole_number(request.GET.get("corrects"))) is not None:
        corrects = get_object_or_404(ticket.repairs, pk=key)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RepairForm(ticket, *sent, by=request.user, initial=RepairForm.first_values(corrects))
    parts: Any = PartFormSet(sent[0] if sent else None, prefix="parts", initial=_parts_of(corrects))
    if sent and form.is_valid() and parts.is_valid():
        try:
            repair = repairs.enter(
                ticket,
                form.as_work(RepairWork(form.cleaned_data["work"])),
                request.user,  # type: ignore[arg-type]
                parts=parts.parts(),
                photos=form.developed,
                corrects=corrects,
                key=form.cleaned_data["key"],
            )
        except RepairError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("“%(repair)s” is entered.") % {"repair": repair})
            return redirect(ticket.get_absolute_url())
    return _form_page(request, ticket, form, parts, _("Enter a repair"), corrects=corrects)


def replace_page(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Put a new camera in the place of the ticket's."""
    _expect(request, "maintenance.replace_camera")
    ticket = _ticket(request, ticket_id)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReplaceForm(ticket, *sent, by=request.user)
    parts: Any = PartFormSet(sent[0] if sent else None, prefix="parts")
    if sent and form.is_valid() and parts.is_valid():
        try:
            camera = replace_camera(
                ticket,
                form.unit(),
                form.as_work(RepairWork.REPLACEMENT),
                request.user,  # type: ignore[arg-type]
                price_rupiah=form.cleaned_data["price_rupiah"] or 0,
                parts=parts.parts(),
                photos=form.developed,
                key=form.cleaned_data["key"],
            )
        except RepairError as error:
            form.add_error(None, str(error))
        else:
            words = _("The new camera %(camera)s is in place; the ticket goes on with it.")
            messages.success(request, words % {"camera": camera.code})
            return redirect(ticket.get_absolute_url())
    return _form_page(request, ticket, form, parts, _("Replace the camera"))


@require_POST
def add_photos(request: HttpRequest, repair_id: int) -> HttpResponse:
    """More photographs of a repair that is entered already."""
    _expect(request, "maintenance.add_repair")
    repair = own_or_404(request, Repair, pk=repair_id)
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        repairs.add_photos(repair, form.developed, request.user)  # type: ignore[arg-type]
    else:
        for message in form.errors.get("photos", []):
            messages.error(request, str(message))
    return redirect(repair.get_absolute_url())


def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """A photograph, for those who may see repairs; `?size=thumb` for a small one."""
    _expect(request, "maintenance.view_repair")
    kept = seen_or_404(request, RepairPhoto, pk=photo_id)
    answer = picture_response(request, folder() / str(kept.file.name))
    answer["Cache-Control"] = "private, max-age=86400"
    return answer


def _form_page(
    request: HttpRequest, ticket: Ticket, form: Any, parts: Any, title: str, **more: Any
) -> HttpResponse:
    try:
        repairs.expect_open(ticket)
        locked = ""
    except RepairError as error:
        locked = "" if more.get("corrects") else str(error)
    named = {name: form[name] for name in form.fields}
    groups: list[tuple[str, list[Any]]] = []
    if isinstance(form, ReplaceForm):
        groups.append((_("The new camera"), [named.pop(name) for name in form.UNIT]))
        groups.append((_("How its picture is reached"), [named.pop(n) for n in form.ADDRESSES]))
    photos = [named.pop(name) for name in ("photos", "keep_position")]
    hidden = named.pop("key")
    groups.append((_("The work"), list(named.values())))
    context = {
        **admin.site.each_context(request),
        "title": title,
        "subtitle": f"{ticket} · {ticket.subject}",
        "ticket": ticket,
        "form": form,
        "groups": groups,
        "hidden": hidden,
        "parts": parts,
        "photos": photos,
        "locked": locked,
        "replaces": isinstance(form, ReplaceForm),
        "opts": Repair._meta,
        **more,
    }
    return render(request, "admin/maintenance/repair_form.html", context)


def _parts_of(repair: Repair | None) -> list[dict[str, Any]]:
    names = ("name", "serial_number", "quantity", "unit_rupiah")
    return list(repair.parts.values(*names)) if repair else []


def _ticket(request: HttpRequest, ticket_id: int) -> Ticket:
    found = Ticket.objects.select_related("camera__site", "uplink__site")
    ticket: Ticket = own_or_404(request, found, pk=ticket_id)
    return ticket


def _expect(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
