from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cameras import networks
from cameras.audit.watching import watch, watch_app


class CamerasConfig(AppConfig):
    name = "cameras"
    verbose_name = _("Registry")

    def ready(self) -> None:
        """Tell the floor without Django which networks the administrator allows."""
        networks.allow(settings.PROBE_ALLOWED_NETWORKS)
        watch(self.get_model("Camera"), secret=["password"])
        watch_app(self)
