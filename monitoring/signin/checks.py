"""What `manage.py check --deploy` says of sign-in."""

from typing import Any

from django.conf import settings
from django.core.checks import Tags, Warning, register

__all__ = ["proxy_is_known"]


@register(Tags.security, deploy=True)
def proxy_is_known(app_configs: Any, **_options: Any) -> list[Warning]:
    """Behind a proxy that nobody named, all visitors seem to come from one address."""
    if not settings.HTTPS or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "HTTPS is on, but TRUSTED_PROXIES is empty: lock-out and audit trail take the proxy's "
            "address for everybody's.",
            hint="Set TRUSTED_PROXIES to the proxy's address, such as 127.0.0.1.",
            id="signin.W001",
        )
    ]
