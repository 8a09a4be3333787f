"""Which days are not worked: the joint decrees that are on record, else what a library reckons."""

from maintenance.workdays import Calendar

__all__ = ["calendar"]


def calendar() -> Calendar:
    """The working days as known now: the `Holiday` rows, over the `holidays` library's list.

    One query. Keep the calendar for as long as one answer takes, not longer: an administrator
    may change the rows.
    """
    raise NotImplementedError
