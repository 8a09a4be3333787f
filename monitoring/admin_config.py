"""The admin as one of the installed apps, without its pages where nobody opens them."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks

__all__ = ["AdminConfig"]


class AdminConfig(SimpleAdminConfig):
    """Pages are found when the addresses are read, by monitoring.urls: a worker, which has none,
    starts without them. Django's checks read them first, in whatever order they run."""

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(_check_pages, checks.Tags.admin)


def _check_pages(app_configs: Any, **options: Any) -> Iterable[checks.CheckMessage]:
    import_module(settings.ROOT_URLCONF)
    return check_admin_app(app_configs, **options)
