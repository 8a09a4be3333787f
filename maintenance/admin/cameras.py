"""The camera's page with its repair tickets."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from cameras.models import Camera
from cameras.reach import owns, reach_of
from maintenance.models import Ticket
from maintenance.package_shares import shares_of
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
        context = {**(extra_context or {})}
        if camera is not None:
            # What stands before this unit stood at the same point: its tickets tell of it, too.
            units = camera.units()
            context |= {
                "tickets": Ticket.objects.filter(camera__in=units)[:10],
                "earlier_units": units[1:],
                "successor": Camera.objects.filter(replaces=camera).first()
                if camera.retired_at
                else None,
                "retired_at": camera.retired_at,
            }
            # The view of the page belongs to the camera; of money only who may see it.
            if request.user.has_perm("maintenance.view_package"):
                context["repairs"] = [
                    share
                    for share in shares_of(camera)
                    if owns(reach_of(request.user), share.package)
                ]
        return super().change_view(request, object_id, form_url, context)
