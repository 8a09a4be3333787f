"""What each role may do with tickets, procurement, money and reports."""

from cameras.roles import ALL_OF, Rights, Role

__all__ = ["RIGHTS"]

_SEE_WORK = [
    f"maintenance.view_{model}"
    for model in ("holiday", "repair", "ticket", "ticketcomment", "vendor", "workorder")
]
_SAY = ["maintenance.add_ticketcomment"]
_SEE_MONEY = [
    f"maintenance.view_{model}"
    for model in (
        *("budgetline", "fiscalyear", "ledgerentry", "methodrule", "monthlyplan", "package"),
        *("plannedupkeep", "ruleset", "stage", "stagetemplate", "stagetemplateitem"),
        *("vendorcontact", "vendorcontract"),
    )
]

RIGHTS: Rights = {
    Role.VIEWER: [*_SEE_WORK, "maintenance.view_report"],
    Role.OPERATOR: [
        *_SEE_WORK,
        *_SAY,
        "maintenance.view_report",
        "maintenance.view_vendorcontact",
        "maintenance.add_ticket",
        "maintenance.acknowledge_ticket",
        "maintenance.assign_ticket",
        "maintenance.snooze_ticket",
        "maintenance.verify_ticket",
        "maintenance.reopen_ticket",
        "maintenance.cancel_ticket",
        "maintenance.print_workorder",
    ],
    Role.TECHNICIAN: [
        *_SEE_WORK,
        *_SAY,
        "maintenance.add_ticket",
        "maintenance.acknowledge_ticket",
        "maintenance.repair_ticket",
        "maintenance.add_repair",
        "maintenance.replace_camera",
        "maintenance.print_workorder",
    ],
    Role.PROCUREMENT: [
        *_SEE_WORK,
        *_SEE_MONEY,
        *_SAY,
        "maintenance.view_report",
        *(
            f"maintenance.{deed}_{model}"
            for deed in ("add", "change", "delete")
            for model in ("plannedupkeep", "vendorcontact", "vendorcontract")
        ),
        "maintenance.add_vendor",
        "maintenance.change_vendor",
        "maintenance.add_package",
        "maintenance.change_package",
        "maintenance.run_package",
        "maintenance.cancel_package",
        "maintenance.sign_package",
        "maintenance.accept_package",
        "maintenance.commit_budgetline",
    ],
    Role.FINANCE: [
        "maintenance.view_holiday",
        "maintenance.view_report",
        "maintenance.view_ticket",
        "maintenance.view_vendor",
        *_SEE_MONEY,
        "maintenance.add_budgetline",
        "maintenance.change_budgetline",
        "maintenance.allocate_budgetline",
        "maintenance.realise_budgetline",
        "maintenance.reverse_budgetline",
        "maintenance.add_monthlyplan",
        "maintenance.change_monthlyplan",
        "maintenance.delete_monthlyplan",
        "maintenance.pay_package",
    ],
    Role.ADMINISTRATOR: [f"{ALL_OF}maintenance"],
}
