"""Addresses of the web pages: the admin, its pictures, the choice of language."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog

from monitoring import views
from monitoring.healthz import healthz
from monitoring.language import set_language
from monitoring.metrics import metrics
from monitoring.signin import pages

admin.autodiscover()

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # In place of the admin's own, which gives its scripts Django's Indonesian only.
    path(
        "admin/jsi18n/",
        JavaScriptCatalog.as_view(packages=["django.contrib.admin", "monitoring"]),
        name="jsi18n",
    ),
    # Django's would say of any row whether it exists.
    path("admin/r/<path:anything>", views.nothing_here),
    path("admin/second-factor/", pages.set_up, name="second-factor"),
    path("admin/second-factor/code/", pages.ask_code, name="second-factor-code"),
    path("admin/second-factor/recovery-codes/", pages.new_codes, name="second-factor-codes"),
    path("admin/second-factor/off/", pages.turn_off, name="second-factor-off"),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("metrics", metrics),
    path("i18n/setlang/", set_language, name="set_language"),
    path("pictures/cameras/<int:camera_id>/<str:which>.jpg", views.latest, name="latest-picture"),
    path("pictures/snapshots/<int:snapshot_id>.jpg", views.snapshot, name="snapshot-picture"),
]
