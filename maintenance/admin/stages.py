"""A stage's page: its dates, its notes, and the documents attached to it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from cameras.reached_admin import ReachedAdmin
from maintenance import documents
from maintenance.models import Stage
from maintenance.procurement_rules import ProcurementError


class StageForm(forms.ModelForm):
    """The notes, and one more document."""

    upload = forms.FileField(
        label=_("attach a document"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(),
        help_text=_("PDF, JPEG, PNG, DOCX or XLSX, at most 10 MB."),
    )

    class Meta:
        model = Stage
        fields = ["remarks"]

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if upload:
            try:
                documents.expect_document(upload)
            except ProcurementError as error:
                raise ValidationError(str(error), code="document") from None
        return upload


@admin.register(Stage)
class StageAdmin(ReachedAdmin, ModelAdmin):
    """Reached from the package's page; its dates move by the deeds there."""

    form = StageForm
    list_display = ["name", "package", "holder", "planned_end", "actual_end"]
    list_filter = ["holder", "phase"]
    list_select_related = ["round__package"]
    search_fields = ["name", "round__package__code"]
    fields = [
        "package",
        "name",
        "holder",
        ("baseline_start", "baseline_end"),
        ("planned_start", "planned_end"),
        ("actual_start", "actual_end"),
        "attached",
        "remarks",
        "upload",
    ]
    readonly_fields = [
        "package",
        "name",
        "holder",
        "baseline_start",
        "baseline_end",
        "planned_start",
        "planned_end",
        "actual_start",
        "actual_end",
        "attached",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("maintenance.view_package")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("maintenance.run_package")

    @admin.display(description=_("package"))
    def package(self, stage: Stage) -> SafeString:
        package = stage.round.package
        return format_html_join(
            "", '<a class="underline" href="{}">{}</a>', [(package.get_absolute_url(), package)]
        )

    @admin.display(description=_("documents"))
    def attached(self, stage: Stage) -> SafeString | str:
        links = [
            (reverse("admin:maintenance_package_document", args=[document.pk]), document.name)
            for document in stage.documents.all()
        ]
        return format_html_join(", ", '<a class="underline" href="{}">{}</a>', links) or "–"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        # The notes alone: the dates may have moved since the page was opened.
        Stage.objects.filter(pk=obj.pk).update(remarks=form.cleaned_data["remarks"])
        if upload := form.cleaned_data["upload"]:
            kept = documents.attach(obj, upload, request.user)  # type: ignore[arg-type]
            messages.success(request, _("“%(name)s” is attached.") % {"name": kept})
