"""The admin's pages: choose a file, see every change, say “yes”; take the list home."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import XLSX, Format
from import_export.forms import ConfirmImportForm
from import_export.results import RowResult
from unfold.contrib.import_export.forms import ImportForm

from cameras.exports import ExportOfSeen
from cameras.importing.example import template_file
from cameras.importing.keeping import PrivateStorage, progress_of, say_progress
from cameras.importing.reading import MOST_BYTES, UnreadableFile, read_table
from cameras.importing.writing import overtaken
from cameras.reach import reach_of

__all__ = ["RegistryPages"]


class TableFile(Format):
    """XLSX or CSV: the file itself says which."""

    def __init__(self, encoding: str | None = None) -> None:
        """The encoding that the library proposes is not needed."""

    def get_title(self) -> str:
        return "XLSX, CSV"

    def can_import(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes) -> Any:
        return read_table(in_stream)


class _WithToken(forms.Form):
    """The name under which the page asks how far its import is."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid.uuid4


class ChooseFileForm(_WithToken, ImportForm):
    def clean_import_file(self) -> Any:
        """Refuse by its size what need not be read."""
        file = self.cleaned_data["import_file"]
        if file.size > MOST_BYTES:
            raise ValidationError(
                gettext("The file is larger than %(megabytes)s MB.")
                % {"megabytes": MOST_BYTES // 2**20}
            )
        return file


class SayYesForm(_WithToken, ConfirmImportForm):
    pass


class RegistryPages(ExportOfSeen, ImportExportMixin):
    """Mixed into the admin of a model; `resource_classes` has its one resource."""

    import_template_name = "admin/cameras/import.html"
    import_form_class = ChooseFileForm
    confirm_form_class = SayYesForm
    tmp_storage_class = PrivateStorage

    def get_import_formats(self) -> list[Any]:
        return [TableFile]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def get_urls(self) -> list[Any]:
        name = "{}_{}".format(*self.get_model_info())
        wrap = self.admin_site.admin_view
        return [
            path("import/template/", wrap(self.template_view), name=f"{name}_import_template"),
            path(
                "import/progress/<uuid:token>/",
                wrap(self.progress_view),
                name=f"{name}_import_progress",
            ),
            *super().get_urls(),
        ]

    def template_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        resource = self.get_import_resource_classes(request)[0]()
        name = str(self.model._meta.verbose_name_plural).replace(" ", "-")
        return HttpResponse(
            template_file(resource),
            content_type=XLSX.CONTENT_TYPE,
            headers={"Content-Disposition": f'attachment; filename="templat-{name}.xlsx"'},
        )

    def progress_view(self, request: HttpRequest, token: uuid.UUID) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        return JsonResponse(progress_of(token.hex), headers={"Cache-Control": "no-store"})

    def get_import_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = "admin:{}_{}".format(*self.get_model_info())
        return {
            **super().get_import_context_data(**kwargs),
            "template_url": reverse(f"{names}_import_template"),
            "progress_url": reverse(f"{names}_import_progress", args=[uuid.UUID(int=0)]),
        }

    def import_action(self, request: HttpRequest, **kwargs: Any) -> Any:
        answer = super().import_action(request, **kwargs)
        if isinstance(answer, TemplateResponse) and answer.context_data:
            resource = self.get_import_resource_classes(request)[0]()
            answer.context_data["columns"] = resource.get_user_visible_headers()
            answer.context_data["fields_list"] = []
        return answer

    def export_action(self, request: HttpRequest) -> Any:
        answer = super().export_action(request)
        if isinstance(answer, TemplateResponse) and answer.context_data:
            resource = self.get_export_resource_classes(request)[0]()
            answer.context_data["fields_list"] = [("", resource.get_export_headers())]
        return answer

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        form, reach = kwargs.get("form"), reach_of(request.user)
        token = getattr(form, "cleaned_data", {}).get("token")
        if not token:
            return {"reach": reach}
        return {
            "reach": reach,
            "say": lambda done, total: say_progress(token.hex, done, total),
        }

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if not isinstance(e, UnreadableFile):
            raise e
        form.add_error("import_file", str(e))

    def process_import(self, request: HttpRequest, **kwargs: Any) -> Any:
        try:
            return super().process_import(request, **kwargs)
        except (FileNotFoundError, UnreadableFile):
            messages.error(request, gettext("The file is no longer here: choose it again."))
        except IntegrityError:  # at the commit: what a row names was deleted meanwhile
            messages.error(request, str(overtaken().message))
        return redirect("admin:{}_{}_import".format(*self.get_model_info()))

    def process_result(self, result: Any, request: HttpRequest) -> Any:
        if not result.has_errors() and not result.has_validation_errors():
            return super().process_result(result, request)
        # The registry changed between the preview and the “yes”.
        context = {
            **self.get_import_context_data(),
            **self.admin_site.each_context(request),
            "title": _("Import"),
            "opts": self.model._meta,
            "form": self.import_form_class(
                self.get_import_formats(), self.get_import_resource_classes(request)
            ),
            "columns": self.get_import_resource_classes(request)[0]().get_user_visible_headers(),
            "result": result,
        }
        return TemplateResponse(request, [self.import_template_name], context)

    def add_success_message(self, result: Any, request: HttpRequest) -> None:
        new = result.totals[RowResult.IMPORT_TYPE_NEW]
        changed = result.totals[RowResult.IMPORT_TYPE_UPDATE]
        same = result.totals[RowResult.IMPORT_TYPE_SKIP]
        if not new and not changed:
            messages.success(request, gettext("Everything in the file stood there already."))
            return
        messages.success(
            request,
            gettext("Imported: %(new)s new, %(changed)s changed, %(same)s unchanged.")
            % {"new": new, "changed": changed, "same": same},
        )

    def _create_log_entry(
        self, user_pk: Any, rows: Any, import_type: str, action_flag: int
    ) -> None:
        from django.contrib.admin.models import LogEntry

        if rows:
            LogEntry.objects.log_actions(
                user_pk,
                rows,
                action_flag,
                change_message=gettext("by importing a file"),
            )
