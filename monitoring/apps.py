from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


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
        """Say how this floor's rows belong to those who reach their cameras."""
        from monitoring import reach_rules

        assert reach_rules  # read: it declares
