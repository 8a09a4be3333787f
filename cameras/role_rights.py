"""What each role may do with the registry."""

from cameras.roles import ALL_OF, Rights, Role

__all__ = ["RIGHTS"]

_SEE = [f"cameras.view_{model}" for model in ("agency", "area", "camera", "site", "uplink")]

RIGHTS: Rights = {
    Role.VIEWER: _SEE,
    Role.OPERATOR: [
        *_SEE,
        *(f"cameras.{deed}_{model}" for deed in ("add", "change") for model in ("camera", "site")),
        "cameras.add_uplink",
        "cameras.change_uplink",
    ],
    Role.TECHNICIAN: [*_SEE, "cameras.change_camera"],
    Role.PROCUREMENT: _SEE,
    Role.FINANCE: _SEE,
    Role.ADMINISTRATOR: [f"{ALL_OF}cameras"],
}
