"""What each role may do with what was seen of cameras, and with people's accounts."""

from cameras.roles import ALL_OF, Rights, Role

__all__ = ["RIGHTS"]

_SEE = [
    f"monitoring.view_{model}"
    for model in (
        *("camerahealth", "healthspan", "incident", "lesson"),
        *("plannedwork", "snapshot", "uplinkhealth"),
    )
]

RIGHTS: Rights = {
    Role.VIEWER: _SEE,
    Role.OPERATOR: [
        *_SEE,
        "monitoring.teach_eye",
        "monitoring.add_plannedwork",
        "monitoring.change_plannedwork",
        "monitoring.delete_plannedwork",
    ],
    Role.TECHNICIAN: _SEE,
    # Pictures may show people: only those see them whose work needs them.
    Role.PROCUREMENT: [
        "monitoring.view_camerahealth",
        "monitoring.view_incident",
        "monitoring.view_snapshot",
    ],
    Role.FINANCE: ["monitoring.view_incident"],
    Role.ADMINISTRATOR: [
        f"{ALL_OF}monitoring",
        "audit.view_auditentry",
        "signin.view_failedsignin",
        "signin.delete_failedsignin",
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        "auth.view_group",
        "auth.change_group",
    ],
}
