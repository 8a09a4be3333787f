"""The rules of tickets as a page to read: docs/tickets.md is this page, and a test compares."""

from maintenance.models import Ticket, TicketState
from maintenance.ticket_rules import OPEN_STATES, RULES, Rule

__all__ = ["page"]

_HEAD = """# Repair tickets

Printed by `manage.py ticket_rules > docs/tickets.md` from `maintenance/ticket_rules.py`; a test
fails when the two differ. No deed is possible but those in these tables, neither by a button nor in
code. Each leaves an event with the time, the person, the states, what changed, and the note; the
database refuses to change or delete it.

"""
_PROOF = """
## How a ticket closes

*Report as repaired* has the ticket's cameras probed by a burst at once, and their healthy probes
counted from that one on. After `TICKET_VERIFY_PROBES` in a row, while no incident of it runs, the
ticket closes by itself, or by *repair verified* where `TICKETS_CLOSE_THEMSELVES` is off or a person
opened it for what no probe sees. The picture of that moment is kept beside the one before. *Close
without proof* needs a right of its own and a note.

A fault of the same camera within `TICKET_RETURN_DAYS` after that reopens the ticket. After a repair
that somebody reported it counts against that repair (*fault came back after the repair*, with the
person or vendor it was assigned to); after a recovery by itself it does not (*fault came back*).

## Whose day it is

At every moment a ticket's time belongs to one cause, by its history: not yet seen (new, reopened),
inspection (acknowledged), our own repair or the vendor (assigned, in repair), verification, or what
it waits for. `maintenance/attribution.py` splits the downtime of cameras by that.
"""


def page() -> str:
    """The whole page, in Markdown."""
    by_people = [rule for rule in RULES.values() if rule.permission]
    by_itself = [rule for rule in RULES.values() if not rule.permission]
    return (
        _HEAD
        + "## What people do\n\n"
        + _table(by_people)
        + "\n## What happens by itself\n\n"
        + _table(by_itself)
        + _PROOF
    )


def _table(rules: list[Rule]) -> str:
    rights = dict(Ticket._meta.permissions)
    lines = ["| deed | from | to | right | note |", "|---|---|---|---|---|"]
    for rule in rules:
        right = f"`{rule.permission}`" if rule.permission else "the system"
        assert not rule.permission.endswith("_ticket") or rule.permission in rights
        note = "needed" if rule.needs_note else "optional" if rule.permission else ""
        to = rule.to.label if rule.to else "stays"
        lines.append(f"| {rule.deed.label} | {_states(rule)} | {to} | {right} | {note} |")
    return "\n".join(lines) + "\n"


def _states(rule: Rule) -> str:
    if rule.sources == OPEN_STATES:
        return "every open state"
    missing = OPEN_STATES - rule.sources
    if rule.sources < OPEN_STATES and len(missing) <= 2:
        return "every open state but " + ", ".join(_labels(missing))
    return ", ".join(_labels(rule.sources))


def _labels(states: frozenset[TicketState]) -> list[str]:
    return [str(state.label) for state in TicketState if state in states]
