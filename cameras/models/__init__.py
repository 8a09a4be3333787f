from cameras.models.agencies import Agency
from cameras.models.areas import Area
from cameras.models.cameras import Camera, of_agency
from cameras.models.reaches import Reach, RoleGroup
from cameras.models.sites import Importance, Site, SiteKind
from cameras.models.uplinks import Uplink, UplinkKind

__all__ = [
    "Agency",
    "Area",
    "Camera",
    "Importance",
    "Reach",
    "RoleGroup",
    "Site",
    "SiteKind",
    "Uplink",
    "UplinkKind",
    "of_agency",
]
