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
