"""Comments in the admin: said on the ticket's page; here with what became of the mails."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from maintenance.admin.ticket_work import link_to, say, work
from maintenance.models import TicketComment
from monitoring.admin.shared import ReadOnlyAdmin


@admin.register(TicketComment)
class TicketCommentAdmin(ReadOnlyAdmin):
    list_display = ["at", "ticket_link", "author", "text", "mails"]
    search_fields = ["text", "author__username", "ticket__camera__code"]
    list_select_related = ["ticket__camera", "ticket__uplink", "author"]
    date_hierarchy = "at"
    fields = ["ticket_link", "author", "at", "text", "mails_in_words"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("mentions__user")

    @admin.display(description=_("ticket"), ordering="ticket")
    def ticket_link(self, comment: TicketComment) -> SafeString:
        return link_to(comment.ticket, f"{comment.ticket} {comment.ticket.subject.code}")

    @display(
        description=_("mails"), label={"none": "default", "waiting": "warning", "sent": "success"}
    )
    def mails(self, comment: TicketComment) -> tuple[str, Any]:
        mentions = list(comment.mentions.all())
        if not mentions:
            return "none", "–"
        waiting = sum(one.sent_at is None for one in mentions)
        if waiting:
            words = ngettext("%(number)s waits", "%(number)s wait", waiting)
            return "waiting", words % {"number": waiting}
        return "sent", _("sent")

    @admin.display(description=_("mails"))
    def mails_in_words(self, comment: TicketComment) -> str:
        # A page of one row knows no labels.
        return str(self.mails(comment)[1])

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("say/<int:ticket_id>/", view(say), name="maintenance_ticketcomment_say"),
            path("work/<int:ticket_id>/", view(work), name="maintenance_ticketcomment_work"),
            *super().get_urls(),
        ]
