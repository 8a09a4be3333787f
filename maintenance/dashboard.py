"""The admin's first page, put together from what each floor has to say.

At most fifteen questions to the database, those of signing in included: a page that is opened by
everybody each morning must stay cheap.
"""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS_3

from cameras.reach import Reached, narrow, reach_of
from maintenance.absorption_chart import chart_of
from maintenance.admin.first_page_filters import AGE_LABELS
from maintenance.late_stages import count_late
from maintenance.models import BudgetLine, Package, Ticket, TicketState
from maintenance.ticket_figures import AGES, figures
from maintenance.year_budget import budget_of
from monitoring import dashboard
from monitoring.pulse import LEAST_SILENCE

_OLD = ("90", "older")


def first_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: nothing that the person may not see elsewhere."""
    user, now = request.user, timezone.now()
    reach = reach_of(user)
    today = timezone.localdate(now)
    if user.has_perm("cameras.view_camera"):
        found = dashboard.cameras_now(now, reach)
        context["cameras_now"] = found
        if found.last_probe and now - found.last_probe < LEAST_SILENCE:
            context["probing_stands_still_since"] = None  # known, so the banner need not ask
        context["verdict_counts"] = found.counts
        context["camera_cards"] = dashboard.cameras(now, reach)
        context["area_lines"] = dashboard.areas(today, reach)
        context["all_cameras_url"] = reverse("admin:cameras_camera_changelist")
    if user.has_perm("monitoring.view_incident"):
        context["outages"] = dashboard.outages(reach)
        context["incidents"] = dashboard.incidents(now, reach)
    if user.has_perm("maintenance.view_ticket"):
        context |= _tickets(now, reach)
    if user.has_perm("maintenance.view_package"):
        context["late_packages"] = {
            "number": count_late(narrow(Package.objects.all(), reach), today),
            "url": f"{reverse('admin:maintenance_package_changelist')}?late=yes",
        }
    if user.has_perm("maintenance.view_budgetline"):
        context |= _budget(today, reach)
    return context


def _tickets(now: datetime, reach: Reached) -> dict[str, Any]:
    found = figures(now, narrow(Ticket.objects.unclosed(), reach))
    url = reverse("admin:maintenance_ticket_changelist")
    most = max(found.by_age.values(), default=0) or 1
    return {
        "ticket_counts": [
            {
                "label": state.label,
                "colour": state.colour,
                "number": found.by_state.get(state.value, 0),
                "url": f"{url}?state={state.value}",
            }
            for state in TicketState
            if state.is_open
        ],
        "overdue_tickets": found.overdue,
        "overdue_url": f"{url}?overdue=yes",
        "waiting_tickets": found.waiting,
        "waiting_url": f"{url}?procurement=waiting",
        "ticket_ages": [
            {
                "label": AGE_LABELS[age],
                "number": found.by_age[age],
                "width": f"{100 * found.by_age[age] / most:.1f}",
                "is_old": age in _OLD,
                "url": f"{url}?age={age}",
            }
            for age in AGES
        ],
    }


def _budget(today: date, reach: Reached) -> dict[str, Any]:
    found = budget_of(today.year, today, narrow(BudgetLine.objects.order_by(), reach))
    lines = reverse("admin:maintenance_budgetline_changelist")
    entries = reverse("admin:maintenance_ledgerentry_changelist")
    context: dict[str, Any] = {"budget": found, "budget_url": lines, "ledger_url": entries}
    if found is not None:
        now = found.balance
        whole = max(now.ceiling, now.realised + now.outstanding + now.reserved, 1)
        chart = chart_of(found.absorption, today.month)
        context |= {
            "budget_parts": [
                {"kind": kind, "width": f"{100 * max(0, amount) / whole:.2f}"}
                for kind, amount in (
                    ("paid", now.realised),
                    ("bound", now.outstanding),
                    ("held", now.reserved),
                )
            ],
            "budget_chart": chart,
            "budget_months": [(bar, MONTHS_3[bar.month]) for bar in chart.bars],
        }
    return context
