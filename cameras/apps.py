from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from cameras import networks
from cameras.audit.watching import watch, watch_app


class CamerasConfig(AppConfig):
    name = "cameras"
    verbose_name = _("Registry")
    # What each role may do on this floor; read by cameras.roles.
    role_rights = "cameras.role_rights.RIGHTS"
    # What `manage.py up --demo` runs once the demo cameras are there.
    demo_commands = ["load_demo_people"]

    def ready(self) -> None:
        """Tell the floor without Django which networks the administrator allows."""
        networks.allow(settings.PROBE_ALLOWED_NETWORKS)
        from cameras import reach_rules, roles

        assert reach_rules  # read: it declares
        post_migrate.connect(roles.fill_groups, dispatch_uid="cameras.roles.fill_groups")
        watch(self.get_model("Camera"), secret=["password"])
        watch_app(self)
