"""Plain mails, as everything but the weekly report is sent."""

import logging
from collections.abc import Sequence
from smtplib import SMTPException

from django.core.mail import EmailMessage

log = logging.getLogger(__name__)


def send(subject: str, body: str, addresses: Sequence[str]) -> bool:
    """Send one mail; whether the mail server took it. A refusal is logged, for nobody waits here.

    An address that is none is a refusal too (ValueError).
    """
    try:
        EmailMessage(subject, body, to=addresses).send()
    except (OSError, SMTPException, ValueError) as problem:
        log.error("The mail “%s” could not be sent: %s", subject, problem)
        return False
    log.info("Mail sent to %s: %s", ", ".join(addresses), subject)
    return True
