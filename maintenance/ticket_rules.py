"""The rules of tickets: which deed leads from which state to which, who may do it, with a note.

One table, read by the deeds, the buttons, the tests, and docs/tickets.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils.translation import gettext

from maintenance.models import Ticket, TicketDeed, TicketState

__all__ = ["OPEN_STATES", "RULES", "Rule", "TicketError", "offered", "refusal"]

_S, _D = TicketState, TicketDeed

OPEN_STATES = frozenset(state for state in TicketState if state.is_open)
_UNREPAIRED = OPEN_STATES - {_S.AWAITING_VERIFICATION}


class TicketError(Exception):
    """A deed that was refused; the message says why, in words for people."""


@dataclass(frozen=True)
class Rule:
    """One deed. `to` None: the state stays. `permission` "": the system alone does it."""

    deed: TicketDeed
    sources: frozenset[TicketState]
    to: TicketState | None
    permission: str = ""
    needs_note: bool = False

    @property
    def codename(self) -> str:
        """The permission as `has_perm` wants it."""
        return f"maintenance.{self.permission}"


def _rule(
    deed: TicketDeed,
    sources: Iterable[TicketState],
    to: TicketState | None,
    permission: str = "",
    needs_note: bool = False,
) -> Rule:
    return Rule(deed, frozenset(sources), to, permission, needs_note)


RULES: dict[TicketDeed, Rule] = {
    rule.deed: rule
    for rule in (
        _rule(
            _D.ACKNOWLEDGE, {_S.NEW, _S.REOPENED, _S.WAITING}, _S.ACKNOWLEDGED, "acknowledge_ticket"
        ),
        _rule(_D.ASSIGN, _UNREPAIRED, _S.ASSIGNED, "assign_ticket"),
        _rule(_D.BEGIN, {_S.ASSIGNED, _S.WAITING, _S.REOPENED}, _S.IN_REPAIR, "repair_ticket"),
        _rule(_D.WAIT, _UNREPAIRED - {_S.NEW}, _S.WAITING, "repair_ticket"),
        _rule(
            _D.REPAIRED,
            {_S.ASSIGNED, _S.IN_REPAIR, _S.WAITING},
            _S.AWAITING_VERIFICATION,
            "repair_ticket",
        ),
        _rule(_D.VERIFY, {_S.AWAITING_VERIFICATION}, _S.CLOSED, "verify_ticket"),
        _rule(_D.OVERRIDE, {_S.AWAITING_VERIFICATION}, _S.CLOSED, "override_ticket", True),
        _rule(
            _D.REOPEN,
            {_S.AWAITING_VERIFICATION, _S.CLOSED, _S.CANCELLED},
            _S.REOPENED,
            "reopen_ticket",
            True,
        ),
        _rule(_D.CANCEL, OPEN_STATES, _S.CANCELLED, "cancel_ticket", True),
        _rule(_D.SNOOZE, OPEN_STATES, None, "snooze_ticket"),
        # Through its package. Where the ticket's state does not allow it, the package goes on.
        _rule(_D.JOIN, _UNREPAIRED, _S.WAITING, "run_package"),
        _rule(_D.SIGNED, _UNREPAIRED, _S.WAITING, "sign_package"),
        _rule(_D.LEAVE, {_S.WAITING}, _S.ACKNOWLEDGED, "run_package"),
        _rule(_D.ACCEPTED, _UNREPAIRED, _S.AWAITING_VERIFICATION, "accept_package"),
        # By the system alone.
        _rule(_D.FAULT, _UNREPAIRED, None),
        _rule(_D.RECOVERED, _UNREPAIRED - {_S.IN_REPAIR}, _S.AWAITING_VERIFICATION),
        _rule(_D.BACK, OPEN_STATES, None),
        _rule(_D.PROVEN, {_S.AWAITING_VERIFICATION}, _S.CLOSED),
        _rule(_D.RETURNED, {_S.AWAITING_VERIFICATION, _S.CLOSED}, _S.REOPENED),
        _rule(_D.RELAPSED, {_S.AWAITING_VERIFICATION, _S.CLOSED}, _S.REOPENED),
        _rule(_D.RATED, OPEN_STATES, None),
    )
}


def refusal(
    deed: TicketDeed, ticket: Ticket, actor: User | None, note: str = "", asks_right: bool = True
) -> str | None:
    """Why this deed may not be done to the ticket as it is now, in a sentence; None: it may.

    `actor` None is the system itself, which may do everything that the state allows. Without
    `asks_right`, the right was asked for before, for a deed that this one follows from.
    """
    rule = RULES[deed]
    facts = {
        "deed": deed.label,
        "ticket": ticket.number,
        "state": ticket.state_in_words,
        "states": ", ".join(str(state.label) for state in TicketState if state in rule.sources),
    }
    if actor is not None and not rule.permission:
        return gettext("“%(deed)s” is done by the system alone, never by hand.") % facts
    if asks_right and actor is not None and not actor.has_perm(rule.codename):
        return (
            gettext("Your account has no right to “%(deed)s”. An administrator gives it.") % facts
        )
    if TicketState(ticket.state) not in rule.sources:
        return (
            gettext(
                "Ticket %(ticket)s is “%(state)s”: “%(deed)s” is possible only while a ticket is "
                "one of: %(states)s."
            )
            % facts
        )
    if rule.needs_note and not note.strip():
        return gettext("“%(deed)s” needs a note that says why.") % facts
    return None


def offered(ticket: Ticket) -> list[TicketDeed]:
    """What people may do to it in its state, given the right; in the order of the table."""
    return [
        rule.deed
        for rule in RULES.values()
        if rule.permission and TicketState(ticket.state) in rule.sources
    ]
