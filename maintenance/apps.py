from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MaintenanceConfig(AppConfig):
    name = "maintenance"
    verbose_name = _("Maintenance")
    # Task name → seconds between two runs; read by monitoring.celery.
    periodic_tasks = {"maintenance.tickets": 5.0}
    # What it tells Prometheus; read by monitoring.metrics.
    metrics = "maintenance.metrics.collect"
