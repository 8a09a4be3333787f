"""The pages of the second factor: the code at sign-in, and setting it up."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from monitoring.signin import known_browsers, second_factor
from monitoring.signin.qr import as_svg
from monitoring.signin.second_factor import Step, Used, WaitAMoment

__all__ = ["ask_code", "new_codes", "set_up", "turn_off"]

_BARE = "unfold/layouts/unauthenticated.html"


class CodeForm(forms.Form):
    """Six digits of the telephone or, where those are accepted, a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}
        ),
    )

    def __init__(self, *args: Any, recovery: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = (
            _("The six digits that the app shows now, or one of the recovery codes.")
            if recovery
            else _("The six digits that the app shows now.")
        )


@never_cache
@login_required
def ask_code(request: HttpRequest) -> HttpResponse:
    """After the password: the code."""
    onward = _onward(request)
    if second_factor.step_of(request.session) is not Step.ASK:
        return HttpResponseRedirect(onward)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        used = _check(request, form)
        if used is not None:
            second_factor.clear(request.session)
            request.session.cycle_key()
            known_browsers.remember(request, request.user.get_username())
            if used is Used.RECOVERY:
                left = second_factor.recovery_codes_left(request.user)
                words = gettext("A recovery code was used; %(left)s are left.") % {"left": left}
                messages.warning(request, words)
            return HttpResponseRedirect(onward)
    return _page(request, "code", _("Enter the code"), form=form, next=onward)


@never_cache
@login_required
def set_up(request: HttpRequest) -> HttpResponse:
    """The person's own second factor: as it is, or how to turn it on."""
    device = second_factor.device_of(request.user)
    if device is None:
        return _enrol(request)
    return _page(
        request,
        "second_factor",
        _("Second factor"),
        device=device,
        left=second_factor.recovery_codes_left(request.user),
        demanded=second_factor.is_demanded_of(request.user),
        form=CodeForm(),
    )


@require_POST
@login_required
def new_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes in place of the present ones, for somebody who shows a code."""
    form = CodeForm(request.POST)
    if form.is_valid() and _check(request, form) is not None:
        return _show_codes(request)
    return _refused(request, form)


@require_POST
@login_required
def turn_off(request: HttpRequest) -> HttpResponse:
    """No second factor any more, for somebody who shows a code and of whom none is demanded."""
    form = CodeForm(request.POST)
    if second_factor.is_demanded_of(request.user):
        messages.error(request, gettext("Your role needs a second factor: it stays on."))
    elif form.is_valid() and _check(request, form) is not None:
        second_factor.remove(request.user)
        messages.success(request, gettext("The second factor is off."))
    else:
        return _refused(request, form)
    return HttpResponseRedirect(reverse("second-factor"))


def _enrol(request: HttpRequest) -> HttpResponse:
    device = second_factor.new_device(request.user)
    form = CodeForm(request.POST or None, recovery=False)
    if request.method == "POST" and form.is_valid():
        try:
            right = second_factor.confirm(request.user, form.cleaned_data["code"])
        except WaitAMoment as hasty:
            form.add_error("code", _wait(hasty))
        else:
            if right:
                second_factor.clear(request.session)
                request.session.cycle_key()
                known_browsers.remember(request, request.user.get_username())
                return _show_codes(request)
            form.add_error("code", _("This code is wrong. Is the clock of the telephone right?"))
    return _page(
        request,
        "enrol",
        _("Turn on the second factor"),
        form=form,
        picture=as_svg(device.config_url),
        key=_in_fours(device.config_url.partition("secret=")[2].partition("&")[0]),
        must=second_factor.step_of(request.session) is Step.ENROL,
    )


def _show_codes(request: HttpRequest) -> HttpResponse:
    codes = second_factor.make_recovery_codes(request.user)
    return _page(request, "recovery_codes", _("Recovery codes"), codes=codes)


def _check(request: HttpRequest, form: CodeForm) -> Used | None:
    """By what the code proves the person; otherwise None, and the form says why."""
    try:
        used = second_factor.verify(request.user, form.cleaned_data["code"])
    except WaitAMoment as hasty:
        form.add_error("code", _wait(hasty))
        return None
    if used is None:
        form.add_error("code", _("This code is wrong, or has been used."))
    return used


def _refused(request: HttpRequest, form: CodeForm) -> HttpResponse:
    for problems in form.errors.values():
        messages.error(request, " ".join(map(str, problems)))
    return HttpResponseRedirect(reverse("second-factor"))


def _wait(hasty: WaitAMoment) -> str:
    until = timezone.localtime(hasty.until) if hasty.until else timezone.localtime()
    words = gettext("Too many wrong codes. Try again after %(time)s.")
    return words % {"time": formats.time_format(until, "H:i:s")}


def _onward(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure()):
        return asked
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _in_fours(key: str) -> str:
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def _page(request: HttpRequest, name: str, title: Any, **facts: Any) -> HttpResponse:
    owes = second_factor.step_of(request.session) is not None
    context = {
        **admin.site.each_context(request),
        "title": title,
        # Who owes something cannot go anywhere: no menu is shown.
        "layout": _BARE if owes else "admin/base_site.html",
        "owes": owes,
        **facts,
    }
    return TemplateResponse(request, f"admin/signin/{name}.html", context)
