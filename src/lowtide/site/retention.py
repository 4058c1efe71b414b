"""What has passed its period of retention: a list for people to decide on. Nothing is deleted by itself."""

from datetime import date, datetime

import msgspec
from django.db.models import Count, Max
from django.db.models.functions import ExtractYear

from lowtide.data.retention import Rule, kept_until, rule_for
from lowtide.people.charts import linked
from lowtide.people.clinic import this_clinic
from lowtide.people.models import PatientIndex
from lowtide.record import rows
from lowtide.record.dates import latest
from lowtide.record.models import Access


class Passed(msgspec.Struct, frozen=True):
    """Something that no longer has to be kept, and by which rule."""

    what: str
    record: str
    last: date
    kept_until: date
    rule_id: str
    label: str
    source: tuple[str, ...]
    verified: bool


def passed(on: date) -> list[Passed]:
    """Charts, controlled-drug records and years of the access log that may go, oldest first."""
    clinic = this_clinic()
    country = clinic.country if clinic else ""
    found = [
        *_streams("chart", rule_for("chart", country), on),
        *_streams("safe", rule_for("safe", country), on),
        *_access(rule_for("access_log", country), on),
    ]
    return sorted(found, key=lambda p: (p.kept_until, p.what))


def _streams(record: str, rule: Rule, on: date) -> list[Passed]:
    heads = rows.all_heads()
    born = dict(PatientIndex.objects.values_list("stream", "birth_date"))
    found = []
    for stream in heads:
        if stream.startswith(f"{record}:"):
            together = linked(stream) if record == "chart" else [stream]
            last = max(datetime.fromisoformat(heads[s].recorded_at).date() for s in together if s in heads)
            birthday = latest(born[stream]) if born.get(stream) else None
            found.append(_of(rule, stream, last, kept_until(rule, last, birthday)))
    return [p for p in found if p.kept_until < on]


def _access(rule: Rule, on: date) -> list[Passed]:
    """Whole years of the log whose last line has passed."""
    years = (
        Access.objects.annotate(year=ExtractYear("at"))
        .values("year")
        .annotate(last=Max("at"), lines=Count("id"))
    )
    found = [
        _of(
            rule,
            f"access log of {y['year']}, {y['lines']} lines",
            y["last"].date(),
            kept_until(rule, y["last"].date()),
        )
        for y in years.order_by("year")
    ]
    return [p for p in found if p.kept_until < on]


def _of(rule: Rule, what: str, last: date, until: date) -> Passed:
    return Passed(what, rule.record, last, until, rule.id, rule.label, rule.source, rule.verified)
