"""Who may do what, written down: role by letter, model by model, address by address.

V viewer, O operator, T technician, P procurement, F finance, A administrator.
"""

from dataclasses import dataclass

from cameras.roles import Role

__all__ = ["ALL", "MODELS", "PAGES", "Page", "Table", "letter"]

ALL = "VOTPFA"
NOBODY = ""


def letter(role: Role) -> str:
    return role.value[0].upper()


@dataclass(frozen=True)
class Table:
    """Roles by deed, and with which reaches the model's rows are in reach at all.

    `changed_with`: with which reaches they may be changed; as seen unless told.
    """

    view: str
    add: str = NOBODY
    change: str = NOBODY
    delete: str = NOBODY
    reached: tuple[str, ...] = ("agency and area", "agency", "area")
    changed_with: tuple[str, ...] | None = None
    # With which reaches another's rows are seen as well.
    open_with: tuple[str, ...] = ()


_EVERY = ("agency and area", "agency", "area", "nothing")  # for roles alone
_AGENCY = ("agency",)  # money and reports: the whole agency's

MODELS: dict[str, Table] = {
    "cameras.area": Table(ALL, "A", "A", "A", changed_with=("area",), open_with=("agency",)),
    "cameras.agency": Table(ALL, "A", "A", "A", changed_with=("agency",)),
    "cameras.site": Table(ALL, "OA", "OA", "A"),
    "cameras.uplink": Table(ALL, "OA", "OA", "A"),
    "cameras.camera": Table(ALL, "OA", "OTA", "A"),
    "monitoring.camerahealth": Table("VOTPA"),
    "monitoring.healthspan": Table("VOTA"),
    "monitoring.incident": Table(ALL),
    "monitoring.lesson": Table("VOTA", change="OA"),
    "monitoring.plannedwork": Table("VOTA", "OA", "OA", "OA"),
    "monitoring.snapshot": Table("VOTPA"),
    "monitoring.uplinkhealth": Table("VOTA"),
    "maintenance.ticket": Table(ALL, add="OTA"),
    "maintenance.ticketcomment": Table("VOTPA"),
    "maintenance.repair": Table("VOTPA"),
    "maintenance.workorder": Table("VOTPA"),
    "maintenance.vendor": Table(ALL, "PA", "PA", "A", reached=_EVERY),
    "maintenance.budgetline": Table("PFA", "FA", "FA", "A", reached=_AGENCY),
    "maintenance.ledgerentry": Table("PFA", reached=_AGENCY),
    "maintenance.package": Table("PFA", "PA", "PA", reached=_AGENCY),
    "maintenance.stage": Table("PFA", change="PA", reached=_AGENCY),
    "maintenance.fiscalyear": Table("PFA", "A", "A", "A", reached=_EVERY),
    "maintenance.holiday": Table(ALL, "A", "A", "A", reached=_EVERY),
    "maintenance.ruleset": Table("PFA", "A", "A", "A", reached=_EVERY),
    "maintenance.stagetemplate": Table("PFA", "A", "A", "A", reached=_EVERY),
    "maintenance.report": Table("VOPFA", reached=_AGENCY),
    "maintenance.reportsubscription": Table("A", "A", "A", "A", reached=_AGENCY),
    "maintenance.reportdelivery": Table("A", reached=_AGENCY),
    "maintenance.urgentmail": Table("A"),
    # Accounts: whose one may change depends on what he reaches (test_people.py).
    "auth.user": Table("A", "A", "A", reached=_EVERY),
    # What people do, they do everywhere: read by who reaches everything (test_people.py).
    "audit.auditentry": Table("A", reached=()),
    "signin.failedsignin": Table("A", reached=()),
    "auth.group": Table("A", change="A", reached=_EVERY, changed_with=()),
}


@dataclass(frozen=True)
class Page:
    """An address beside those that every model has. `of`: the model whose row it is about."""

    roles: str
    of: str = ""
    status: int = 200
    post: bool = False
    # With which reaches; as the model's unless told.
    reached: tuple[str, ...] | None = None


_TABLE_PAGES = {
    f"cameras_{model}_{page}": Page(roles)
    for model, imports in (
        ("area", "A"),
        ("agency", "A"),
        ("site", "OA"),
        ("uplink", "OA"),
        ("camera", "OA"),
    )
    for page, roles in (("import", imports), ("export", ALL), ("import_template", imports))
}
_TABLE_PAGES |= {
    f"cameras_{model}_import_progress": Page("A" if model in ("area", "agency") else "OA")
    for model in ("area", "agency", "site", "uplink", "camera")
}
_TABLE_PAGES |= {
    # By POST alone; that is asked before the right.
    f"cameras_{model}_process_import": Page(ALL, status=405)
    for model in ("area", "agency", "site", "uplink", "camera")
}
_TICKET_DEEDS = {
    "acknowledge": "OTA",
    "assign": "OA",
    "begin": "TA",
    "repaired": "TA",
    "verify": "OA",
    "wait": "TA",
    "snooze": "OA",
    "override": "A",
    "reopen": "OA",
    "cancel": "OA",
}
_PACKAGE_DEEDS = {
    **dict.fromkeys(
        ("start", "record_stage", "choose_method", "put_off", "need_stage", "fail_tender"), "PA"
    ),
    **dict.fromkeys(("sign", "amend", "accept", "cancel"), "PA"),
    "pay": "FA",
}

PAGES: dict[str, Page] = {
    **_TABLE_PAGES,
    "audit_auditentry_export": Page("A"),
    "cameras_camera_wall": Page("VOTPA"),
    "cameras_camera_map": Page("VOTPA"),
    "cameras_camera_probe": Page("OTA", "cameras.camera", status=400),
    "cameras_camera_find": Page("OA"),
    "cameras_camera_find_cameras": Page("OA", status=302),
    "cameras_camera_view_is_right": Page("OA", "cameras.camera"),
    "monitoring_incident_false_alarm": Page("OA", "monitoring.incident"),
    **{
        f"maintenance_ticket_{deed}": Page(roles, "maintenance.ticket")
        for deed, roles in _TICKET_DEEDS.items()
    },
    "maintenance_ticket_picture": Page("VOTPA", "maintenance.ticketpicture"),
    "maintenance_ticket_downtime": Page(ALL),
    "maintenance_ticket_save_view": Page(ALL, status=405),
    "maintenance_ticketcomment_say": Page("OTPA", "maintenance.ticket", status=302, post=True),
    "maintenance_ticketcomment_work": Page(ALL, "maintenance.ticket"),
    "maintenance_repair_enter": Page("TA", "maintenance.ticket"),
    "maintenance_repair_replace": Page("TA", "maintenance.ticket"),
    "maintenance_repair_photos": Page("TA", "maintenance.repair", status=302, post=True),
    "maintenance_repair_photo": Page("VOTPA", "maintenance.repairphoto"),
    "maintenance_repair_void": Page("A", "maintenance.repair"),
    "maintenance_workorder_issue": Page("OTA", "maintenance.ticket"),
    "maintenance_workorder_sheet": Page("OTA", "maintenance.workorder"),
    **{
        f"maintenance_package_{deed}": Page(roles, "maintenance.package")
        for deed, roles in _PACKAGE_DEEDS.items()
    },
    "maintenance_package_board": Page("PFA"),
    "maintenance_package_what_if": Page("PFA"),
    "maintenance_package_ocds": Page("PFA"),
    "maintenance_package_export": Page("PFA"),
    "maintenance_package_document": Page("PFA", "maintenance.stagedocument", reached=_AGENCY),
    **{
        f"maintenance_budgetline_{deed}": Page(roles, "maintenance.budgetline")
        for deed, roles in (
            ("allocate", "FA"),
            ("revise", "FA"),
            ("commit", "PA"),
            ("realise", "FA"),
        )
    },
    "maintenance_ledgerentry_export": Page("PFA"),
    "maintenance_ledgerentry_amend": Page("PA", "maintenance.ledgerentry"),
    "maintenance_ledgerentry_release": Page("PA", "maintenance.ledgerentry"),
    "maintenance_ledgerentry_reverse": Page("FA", "maintenance.ledgerentry"),
    # It closes for every agency: for those who reach everything.
    "maintenance_fiscalyear_close_year": Page(NOBODY, "maintenance.fiscalyear"),
    "maintenance_reportsubscription_preview": Page(
        "A", "maintenance.reportsubscription", status=302
    ),
    "maintenance_report_send_to": Page("A", "maintenance.report"),
    "maintenance_report_send_again": Page("A", "maintenance.report"),
    "maintenance_reportdelivery_try_again": Page("A", "maintenance.reportdelivery"),
    "report_preview": Page("VOPFA"),
    "report_preview_page": Page("VOPFA", status=404),  # without a week there is no page
    "report_page": Page("VOPFA", "maintenance.report"),
    "report_text": Page("VOPFA", "maintenance.report"),
    "report_file": Page("VOPFA", "maintenance.reportfile", reached=_AGENCY),
    "auth_user_password_change": Page(NOBODY, "auth.user"),
    # Of the site itself, for every member of staff.
    "index": Page(ALL),
    "search": Page(ALL),
    "password_change": Page(ALL),
    "password_change_done": Page(ALL),
    "jsi18n": Page(ALL),
    "login": Page(ALL, status=302),  # who is signed in is led on
    "logout": Page(ALL, status=405),
    # Would tell whether a row exists: closed for everybody.
    "view_on_site": Page(ALL, status=404),
}
