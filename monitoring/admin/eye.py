"""What people taught the eye, and how often it was wrong."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from cameras.reach import narrow, reach_of
from monitoring.admin.shared import ReadOnlyAdmin, may_teach
from monitoring.choices import VERDICT_COLOURS, VERDICT_LABELS
from monitoring.models import Incident, Lesson
from monitoring.quality import by_month
from monitoring.verdicts import Verdict

_SHOWN = timedelta(days=365)


@admin.register(Lesson)
class LessonAdmin(ReadOnlyAdmin):
    list_display = ["taught_at", "camera", "fault", "reason", "taught_by", "is_heeded"]
    list_filter = ["verdict", "is_heeded"]
    list_select_related = ["camera", "taught_by"]
    search_fields = ["camera__code", "camera__name", "reason"]
    date_hierarchy = "taught_at"
    list_before_template = "admin/monitoring/quality.html"
    fields = ["camera", "incident", "verdict", "reason", "taught_by", "taught_at", "is_heeded"]
    readonly_fields = ["camera", "incident", "verdict", "reason", "taught_by", "taught_at"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only whether it is heeded can be changed."""
        return may_teach(request) and self._is_own(request, obj)

    @display(description=_("fault"), label=VERDICT_COLOURS, ordering="verdict")
    def fault(self, lesson: Lesson) -> tuple[str, str]:
        return lesson.verdict, str(VERDICT_LABELS[Verdict(lesson.verdict)])

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        incidents = narrow(Incident.objects.all(), reach_of(request.user))
        rows = [
            {
                "month": each.month,
                "words": VERDICT_LABELS[each.verdict],
                "colour": VERDICT_COLOURS[each.verdict],
                "incidents": each.incidents,
                "false_alarms": each.false_alarms,
                "percent": round(100 * each.share, 1),
            }
            for each in by_month(timezone.now() - _SHOWN, incidents)
        ]
        context = {**(extra_context or {}), "quality": rows}
        return super().changelist_view(request, context)
