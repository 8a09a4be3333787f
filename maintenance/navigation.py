"""The admin's side bar: what each person may see, in the order of daily work."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links, as unfold's SIDEBAR setting takes them."""
    return [
        {
            "items": [
                {"title": _("First page"), "icon": "home", "link": reverse("admin:index")},
                _cameras(request),
                _looking(_("Wall of pictures"), "grid_view", "wall"),
                _looking(_("Map of cameras"), "map", "map"),
                _link(request, _("Incidents"), "warning", "monitoring", "incident"),
                _tickets(request),
                _downtime(),
                _link(request, _("Planned work"), "event", "monitoring", "plannedwork"),
            ]
        },
        {
            "title": _("Repairs"),
            "collapsible": True,
            "items": [
                _link(request, _("Work orders"), "assignment", "maintenance", "workorder"),
                _link(request, _("Repairs and costs"), "handyman", "maintenance", "repair"),
                _link(request, _("Vendors"), "engineering", "maintenance", "vendor"),
                _link(request, _("Comments"), "forum", "maintenance", "ticketcomment"),
            ],
        },
        {
            "title": _("Procurement"),
            "collapsible": True,
            "items": [
                _packages(request),
                _page(_("Packages by stage"), "view_kanban", "package_board"),
                _page(_("What if"), "event_available", "package_what_if"),
                _link(request, _("Procurement rules"), "gavel", "maintenance", "ruleset"),
                _link(request, _("Stage templates"), "list", "maintenance", "stagetemplate"),
            ],
        },
        {
            "title": _("Budget"),
            "collapsible": True,
            "items": [
                _link(request, _("Budget lines"), "account_balance", "maintenance", "budgetline"),
                _link(request, _("Ledger"), "receipt_long", "maintenance", "ledgerentry"),
                _link(request, _("Budget years"), "calendar_month", "maintenance", "fiscalyear"),
                _link(request, _("Holidays"), "event_busy", "maintenance", "holiday"),
            ],
        },
        {
            "title": _("Reports"),
            "collapsible": True,
            "items": [
                _link(request, _("Weekly reports"), "summarize", "maintenance", "report"),
                _link(request, _("Subscriptions"), "mail", "maintenance", "reportsubscription"),
                _link(request, _("Deliveries"), "outbox", "maintenance", "reportdelivery"),
                _link(request, _("Urgent mails"), "priority_high", "maintenance", "urgentmail"),
            ],
        },
        {
            "title": _("Registry"),
            "collapsible": True,
            "items": [
                _link(request, _("Sites"), "location_on", "cameras", "site"),
                _link(request, _("Uplinks"), "lan", "cameras", "uplink"),
                _link(request, _("Areas"), "map", "cameras", "area"),
                _link(request, _("Agencies"), "apartment", "cameras", "agency"),
            ],
        },
        {
            "title": _("Records"),
            "collapsible": True,
            "items": [
                _link(request, _("Camera health"), "monitor_heart", "monitoring", "camerahealth"),
                _link(request, _("Uplink health"), "router", "monitoring", "uplinkhealth"),
                _link(request, _("Health spans"), "timeline", "monitoring", "healthspan"),
                _link(request, _("Quality of the eye"), "visibility", "monitoring", "lesson"),
                _link(request, _("Snapshots"), "photo_library", "monitoring", "snapshot"),
            ],
        },
        {
            "title": _("People"),
            "collapsible": True,
            "items": [
                _link(request, _("Users"), "person", "auth", "user"),
                _link(request, _("Groups"), "group", "auth", "group"),
                _link(request, _("Failed sign-ins"), "lock_person", "signin", "failedsignin"),
                _link(request, _("Audit trail"), "history", "audit", "auditentry"),
            ],
        },
    ]


def _link(request: HttpRequest, title: str, icon: str, app: str, model: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse(f"admin:{app}_{model}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{model}"),
    }


def _cameras(request: HttpRequest) -> dict[str, Any]:
    """The list, marked only on its own pages: the addresses of the wall and the map begin alike."""
    link = _link(request, _("Cameras"), "videocam", "cameras", "camera")
    others = [reverse(f"admin:cameras_camera_{name}") for name in ("wall", "map")]
    return {
        **link,
        "active": request.path.startswith(link["link"]) and request.path not in others,
    }


def _looking(title: str, icon: str, name: str) -> dict[str, Any]:
    """A page that shows cameras and is no list."""
    wanted = ("cameras.view_camera", "monitoring.view_camerahealth")
    return {
        "title": title,
        "icon": icon,
        "link": reverse(f"admin:cameras_camera_{name}"),
        "permission": lambda request: request.user.has_perms(wanted),
    }


def _packages(request: HttpRequest) -> dict[str, Any]:
    """The list, marked only on its own pages: the addresses of the others begin with its own."""
    link = _link(request, _("Packages"), "inventory_2", "maintenance", "package")
    others = [reverse(f"admin:maintenance_package_{name}") for name in ("board", "what_if")]
    is_here = request.path.startswith(link["link"]) and request.path not in others
    return {**link, "active": is_here}


def _tickets(request: HttpRequest) -> dict[str, Any]:
    """The list, not marked on the page about downtime, whose address begins with its own."""
    link = _link(request, _("Repair tickets"), "build", "maintenance", "ticket")
    other = reverse("admin:maintenance_ticket_downtime")
    return {**link, "active": request.path.startswith(link["link"]) and request.path != other}


def _downtime() -> dict[str, Any]:
    return {
        "title": _("Downtime by cause"),
        "icon": "pie_chart",
        "link": reverse("admin:maintenance_ticket_downtime"),
        "permission": lambda request: request.user.has_perm("maintenance.view_ticket"),
    }


def _page(title: str, icon: str, name: str) -> dict[str, Any]:
    """A page about packages that is no list."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse(f"admin:maintenance_{name}"),
        "permission": lambda request: request.user.has_perm("maintenance.view_package"),
    }
