from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cameras.audit.watching import watch


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = _("Monitoring")
    # Task name → seconds between two runs; read by monitoring.celery.
    periodic_tasks = {
        "monitoring.dispatch": 2.0,
        "monitoring.enrol": 5.0,
        "monitoring.alarms": 5.0,
        "monitoring.sweep": 60.0,
        "monitoring.area_days": 60.0,
    }
    # What it tells Prometheus; read by monitoring.metrics.
    metrics = "monitoring.metrics.collect"
    # What each role may do on this floor; read by cameras.roles.
    role_rights = "monitoring.role_rights.RIGHTS"

    def ready(self) -> None:
        """Say how this floor's rows belong to those who reach their cameras, and have what people
        change recorded; everything else on this floor the program writes."""
        from django.contrib.auth.models import Group, User

        from monitoring import reach_rules

        assert reach_rules  # read: it declares
        watch(self.get_model("PlannedWork"))
        watch(self.get_model("Lesson"))
        watch(Group)
        watch(User, secret=["password"], ignored=["last_login"], has_sign_in=True)
