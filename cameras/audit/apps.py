from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """An app of its own, so that its table and its guards have their own migration."""

    name = "cameras.audit"
    label = "audit"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        from cameras.audit import watching  # noqa: F401
