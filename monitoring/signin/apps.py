from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignInConfig(AppConfig):
    """An app of its own, for its tables; it belongs to this floor."""

    name = "monitoring.signin"
    label = "signin"
    verbose_name = _("Sign-in")

    def ready(self) -> None:
        from monitoring.signin import checks, receivers  # noqa: F401
