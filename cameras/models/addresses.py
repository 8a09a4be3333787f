"""The form field's side of addresses.py: the sentence that a person reads."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cameras.addresses import AddressError, Problem, host_and_port, split_address
from cameras.networks import is_refused

__all__ = ["in_words", "validate_address", "validate_host_and_port"]

_SENTENCES = {
    Problem.UNREADABLE: _("This address cannot be read."),
    Problem.SCHEME: _("The address must begin with rtsp://, rtsps://, http:// or https://."),
    Problem.HOST: _("The address names no host."),
    Problem.PORT: _("Port 0 does not exist."),
    Problem.CHARACTER: _("The address contains a space or a control character."),
}


def in_words(problem: Problem) -> str:
    """A sentence on what is wrong with an address."""
    return str(_SENTENCES[problem])


def validate_address(address: str) -> None:
    """A Django validator: this address may be probed."""
    try:
        parts = split_address(address)
    except AddressError as error:
        raise ValidationError(
            _("%(sentence)s Example: rtsp://10.1.2.3:554/stream1"),
            code=error.problem.name.lower(),
            params={"sentence": in_words(error.problem)},
        ) from None
    _check_network(parts.hostname or "")


def validate_host_and_port(address: str) -> None:
    """A Django validator: a host and a port to connect to."""
    try:
        host, _port = host_and_port(address)
    except AddressError:
        raise ValidationError(
            _("Give a host and a port, for example 10.1.2.3:8000."), code="host_and_port"
        ) from None
    _check_network(host)


def _check_network(host: str) -> None:
    """The same is checked when the host is reached: a name may change its meaning."""
    if is_refused(host):
        raise ValidationError(
            _(
                "%(host)s is this server itself or its own network link, where no camera is. "
                "If one is, the administrator allows that network: PROBE_ALLOWED_NETWORKS."
            ),
            code="network",
            params={"host": host},
        )
