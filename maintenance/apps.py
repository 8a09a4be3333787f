from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cameras.audit.watching import watch_app


class MaintenanceConfig(AppConfig):
    name = "maintenance"
    verbose_name = _("Maintenance")
    # Task name → seconds between two runs; read by monitoring.celery.
    periodic_tasks = {
        "maintenance.tickets": 5.0,
        "maintenance.remind": 300.0,
        "maintenance.mentions": 20.0,
        "maintenance.reports": 60.0,
        "maintenance.urgent": 15.0,
    }
    # What `manage.py up --demo` runs once the demo cameras are there.
    demo_commands = ["load_demo_budget"]
    # What it tells Prometheus; read by monitoring.metrics.
    metrics = "maintenance.metrics.collect"
    # What each role may do on this floor; read by cameras.roles.
    role_rights = "maintenance.role_rights.RIGHTS"

    def ready(self) -> None:
        """Say how this floor's rows belong to those who reach their cameras, and have what people
        change recorded; mails and what stands beside them the program writes."""
        from maintenance import reach_rules

        assert reach_rules  # read: it declares
        watch_app(self, but=_OF_THE_PROGRAM)


_OF_THE_PROGRAM = (
    "CommentMention",
    "OverdueMail",
    "Report",
    "ReportDelivery",
    "ReportFile",
    "SavedView",
    "TicketPicture",
    "UrgentMail",
    "UrgentMatter",
    "WorkOrderPrint",
)
