"""Other ways than mail for what cannot wait: whatever Apprise knows, by a line of settings."""

from django.conf import settings

from maintenance.report.mailing import Letter

__all__ = ["notify"]


def notify(letter: Letter) -> None:
    """Tell all of `APPRISE_URLS`. Raises OSError when one of them did not take it: it is told
    again, and with it the others, for Apprise tells all at once.
    """
    import apprise  # half a second: only who tells somebody shall wait for it

    ways = apprise.Apprise()
    for address in settings.APPRISE_URLS:
        if not ways.add(address):
            # Not which: there may be a password in it.
            raise OSError("APPRISE_URLS has an address that Apprise does not understand")
    taken = ways.notify(
        title=letter.subject, body=letter.text, body_format=apprise.NotifyFormat.TEXT
    )
    if not taken:
        raise OSError("not every one of APPRISE_URLS took the message")
