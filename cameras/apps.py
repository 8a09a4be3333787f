from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cameras import networks


class CamerasConfig(AppConfig):
    name = "cameras"
    verbose_name = _("Registry")

    def ready(self) -> None:
        """Tell the floor without Django which networks the administrator allows."""
        networks.allow(settings.PROBE_ALLOWED_NETWORKS)
