"""A year of a city's faults, made by PostgreSQL itself: a part of `report`."""

from datetime import timedelta

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from maintenance.models import Ticket, TicketEvent, TicketIncident
from monitoring.models import CameraHealth, HealthSpan, Incident
from monitoring.scheduling import add_new

_WEEKS = 52


def a_year() -> int:
    """Spans, incidents, tickets and their histories, by the database itself; how many spans."""
    now = timezone.now()
    add_new(now)
    CameraHealth.objects.update(verdict="healthy", probed_at=now)
    begin = now - timedelta(weeks=_WEEKS)
    with connection.cursor() as cursor:
        # Week by week: healthy for most of it, then faulty for up to a day and a half.
        cursor.execute(
            """
            CREATE TEMPORARY TABLE fault AS
            SELECT c.id AS camera_id, w AS week,
                %s + w * interval '7 days' + random() * interval '5 days' AS began,
                random() * interval '36 hours' AS lasted,
                (ARRAY['black', 'frozen', 'offline'])[1 + floor(random() * 3)::int] AS verdict
            FROM cameras_camera c, generate_series(0, %s - 1) w
            """,
            [begin, _WEEKS],
        )
    span = {"camera_id": "camera_id", "probes": "100"}
    whole = {**span, "verdict": "verdict", "began_at": "began", "ended_at": "began + lasted"}
    _insert(HealthSpan, whole, "fault")
    before = "lag(began + lasted) OVER (PARTITION BY camera_id ORDER BY week)"
    began = f"COALESCE({before}, began - interval '3 days')"
    good = {**span, "verdict": "'healthy'", "began_at": began, "ended_at": "began"}
    _insert(HealthSpan, good, "fault")
    open_span = {**span, "verdict": "'healthy'", "began_at": "max(began + lasted)"}
    _insert(HealthSpan, open_span, "fault GROUP BY camera_id")
    incident = {name: whole[name] for name in ("camera_id", "verdict", "began_at", "ended_at")}
    _insert(Incident, {**incident, "confirmed_at": "began"}, "fault")

    closed = {"state": "'closed'", "opened_at": "began", "closed_at": "began + lasted"}
    closed |= {"camera_id": "camera_id", "recovered_at": "began + lasted"}
    _insert(Ticket, closed, "fault WHERE mod(week, 4) = 3")
    link = {"ticket_id": "t.id", "incident_id": "i.id"}
    same = "i.camera_id = t.camera_id AND i.began_at = t.opened_at"
    _insert(TicketIncident, link, f"maintenance_ticket t JOIN monitoring_incident i ON {same}")
    for deed, state, share, cause in (
        ("opened", "new", 0, ""),
        ("wait", "waiting", 0.3, "procurement"),
        ("recovered", "awaiting", 0.99, ""),
        ("verify", "closed", 1, ""),
    ):
        at = f"opened_at + (closed_at - opened_at) * {share}"
        event = {"ticket_id": "id", "at": at, "deed": f"'{deed}'", "to_state": f"'{state}'"}
        _insert(TicketEvent, {**event, "cause": f"'{cause}'"}, "maintenance_ticket")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return HealthSpan.objects.count()


def _insert(model: type[Model], columns: dict[str, str], source: str) -> None:
    """Rows of a table from others, column by column; what is not named has its default."""
    given, values = dict(columns), []
    for field in model._meta.concrete_fields:
        if field.column not in given and not field.null and not field.primary_key:
            given[field.column] = "%s"
            values.append(field.get_db_prep_save(field.get_default(), connection))
    names, expressions = ", ".join(f'"{name}"' for name in given), ", ".join(given.values())
    sql = f"INSERT INTO {model._meta.db_table} ({names}) SELECT {expressions} FROM {source}"
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
