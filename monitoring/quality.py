"""How good the eye is, as people found it: of the faults it confirmed, how many were real."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from monitoring.models import Incident
from monitoring.verdicts import Verdict

__all__ = ["Precision", "by_month"]


@dataclass(frozen=True)
class Precision:
    """Incidents of one fault that were confirmed in one month, and those called false alarms."""

    month: datetime
    verdict: Verdict
    incidents: int
    false_alarms: int

    @property
    def share(self) -> float:
        """Of the incidents, those that nobody called false: 0 … 1."""
        return 1 - self.false_alarms / self.incidents


def by_month(since: datetime, incidents: QuerySet[Incident]) -> list[Precision]:
    """Of these incidents: the latest month first, within it the fault with most false alarms.

    A false alarm counts for the fault that was called false. One query.
    """
    rows = (
        incidents.filter(confirmed_at__gte=since, uplink=None)  # no eye looks at uplinks
        .annotate(month=TruncMonth("confirmed_at"))
        .values("month", "verdict")
        .annotate(incidents=Count("pk"), false_alarms=Count("lesson"))
        .order_by("-month", "-false_alarms", "verdict")
    )
    return [
        Precision(row["month"], Verdict(row["verdict"]), row["incidents"], row["false_alarms"])
        for row in rows
    ]
