"""The camera's page with its repair tickets."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from cameras.models import Camera
from maintenance.repairs import repairs_of
from monitoring.admin.cameras import MonitoredCameraAdmin

admin.site.unregister(Camera)


@admin.register(Camera)
class TicketedCameraAdmin(MonitoredCameraAdmin):
    change_form_before_template = "admin/maintenance/camera.html"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        camera = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if camera is not None:
            context["tickets"] = camera.tickets.all()[:10]
            # The view of the page belongs to the camera; of money only who may see it.
            if request.user.has_perm("maintenance.view_package"):
                context["repairs"] = repairs_of(camera)
        return super().change_view(request, object_id, form_url, context)
