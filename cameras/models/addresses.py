"""The form field's side of addresses.py: the sentence that a person reads."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cameras.addresses import AddressError, Problem, split_address

__all__ = ["in_words", "validate_address"]

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
        split_address(address)
    except AddressError as error:
        raise ValidationError(
            _("%(sentence)s Example: rtsp://10.1.2.3:554/stream1"),
            code=error.problem.name.lower(),
            params={"sentence": in_words(error.problem)},
        ) from None
