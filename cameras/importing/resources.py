"""Which columns areas, agencies, sites, uplinks and cameras have in a table."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from cameras.importing.cells import (
    Choice,
    Code,
    Coordinate,
    Related,
    Secret,
    Text,
    Whole,
    YesNo,
)
from cameras.importing.resource import RegistryResource, column
from cameras.models import Agency, Area, Camera, Importance, Site, SiteKind, Uplink, UplinkKind

__all__ = ["AgencyResource", "AreaResource", "CameraResource", "SiteResource", "UplinkResource"]


class _Meta:
    import_id_fields = ("code",)
    use_bulk = True
    batch_size = None  # all at the end, when every row is known to be right
    skip_diff = True  # the library's way of comparing; ours is in resource.py
    store_instance = True
    report_skipped = False


class AreaResource(RegistryResource):
    code = column("code", Code())
    name = column("name", Text())
    parent = column("parent", Related(Area))

    class Meta(_Meta):
        model = Area
        fields = ("code", "name", "parent")

    def filter_export(self, queryset: "QuerySet[Any]", **kwargs: Any) -> "QuerySet[Any]":
        return queryset.select_related("parent")


class AgencyResource(RegistryResource):
    code = column("code", Code())
    name = column("name", Text())

    class Meta(_Meta):
        model = Agency
        fields = ("code", "name")


class SiteResource(RegistryResource):
    code = column("code", Code())
    name = column("name", Text())
    kind = column("kind", Choice(SiteKind.choices))
    area = column("area", Related(Area))
    agency = column("agency", Related(Agency))
    address = column("address", Text())
    latitude = column("latitude", Coordinate())
    longitude = column("longitude", Coordinate())
    importance = column("importance", Choice(Importance.choices))

    class Meta(_Meta):
        model = Site
        fields = (
            *("code", "name", "kind", "area", "agency"),
            *("address", "latitude", "longitude", "importance"),
        )

    def filter_export(self, queryset: "QuerySet[Any]", **kwargs: Any) -> "QuerySet[Any]":
        return queryset.select_related("area", "agency")

    def broken_rules(self, instance: Site) -> Iterable[str]:
        if (instance.latitude is None) != (instance.longitude is None):
            yield "site_has_both_coordinates_or_none"


class UplinkResource(RegistryResource):
    code = column("code", Code())
    name = column("name", Text())
    kind = column("kind", Choice(UplinkKind.choices))
    parent = column("parent", Related(Uplink))
    site = column("site", Related(Site))
    address = column("address", Text())
    worker_zone = column("worker_zone", Text())

    class Meta(_Meta):
        model = Uplink
        fields = ("code", "name", "kind", "parent", "site", "address", "worker_zone")

    def filter_export(self, queryset: "QuerySet[Any]", **kwargs: Any) -> "QuerySet[Any]":
        return queryset.select_related("parent", "site")


class CameraResource(RegistryResource):
    code = column("code", Code())
    name = column("name", Text())
    site = column("site", Related(Site))
    uplink = column("uplink", Related(Uplink))
    agency = column("agency", Related(Agency))
    stream_url = column("stream_url", Text())
    substream_url = column("substream_url", Text())
    snapshot_url = column("snapshot_url", Text())
    username = column("username", Secret())
    password = column("password", Secret())
    vendor = column("vendor", Text())
    model = column("model", Text())
    is_monitored = column("is_monitored", YesNo())
    sees_at_night = column("sees_at_night", YesNo())
    interval_seconds = column("interval_seconds", Whole())
    notes = column("notes", Text())

    class Meta(_Meta):
        model = Camera
        fields = (
            *("code", "name", "site", "uplink", "agency"),
            *("stream_url", "substream_url", "snapshot_url", "username", "password"),
            *("vendor", "model", "is_monitored", "sees_at_night", "interval_seconds", "notes"),
        )

    def filter_export(self, queryset: "QuerySet[Any]", **kwargs: Any) -> "QuerySet[Any]":
        return queryset.select_related("site", "uplink", "agency")

    def broken_rules(self, instance: Camera) -> Iterable[str]:
        if instance.is_monitored and not instance.addresses:
            yield "monitored_camera_has_an_address"
        if instance.is_monitored and instance.retired_at is not None:
            yield "retired_camera_is_not_monitored"
