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

    def ready(self) -> None:
        """Record what people change; mails and what stands beside them the program writes."""
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
