"""The camera's page with its repair tickets."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from cameras.models import Camera
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
        tickets = camera.tickets.all()[:10] if camera else []
        context = {**(extra_context or {}), "tickets": tickets}
        return super().change_view(request, object_id, form_url, context)
