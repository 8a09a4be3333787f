"""Addresses of the web pages: the admin, its pictures, the choice of language."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog

from monitoring import views
from monitoring.healthz import healthz
from monitoring.metrics import metrics

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # In place of the admin's own, which gives its scripts Django's Indonesian only.
    path(
        "admin/jsi18n/",
        JavaScriptCatalog.as_view(packages=["django.contrib.admin", "monitoring"]),
    ),
    # Django's would say of any row whether it exists.
    path("admin/r/<path:anything>", views.nothing_here),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("metrics", metrics),
    path("i18n/", include("django.conf.urls.i18n")),
    path("pictures/cameras/<int:camera_id>/<str:which>.jpg", views.latest, name="latest-picture"),
    path("pictures/snapshots/<int:snapshot_id>.jpg", views.snapshot, name="snapshot-picture"),
]
