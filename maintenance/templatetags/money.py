"""`{{ amount|rupiah }}` → Rp 750.000.000; `{{ amount|rupiah_short }}` → Rp 750 juta."""

from typing import Any

from django import template

from maintenance.rupiah import format_rupiah, short_rupiah

register = template.Library()


@register.filter
def rupiah(amount: Any) -> str:
    return format_rupiah(amount) if isinstance(amount, int) else "–"


@register.filter
def rupiah_short(amount: Any) -> str:
    return short_rupiah(amount) if isinstance(amount, int) else "–"
