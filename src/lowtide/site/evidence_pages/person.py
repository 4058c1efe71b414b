"""The same answers for one person: their indication, what failed, the way that is planned, and where they are unlike the trials."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lowtide.data.evidence_pages import Among, Outside, outside, pages
from lowtide.data.expression import UNKNOWN, Span, answer
from lowtide.data.policies import Number, in_force
from lowtide.pathway.course.banner import patient_context
from lowtide.pathway.course.settled import protocol_of
from lowtide.pathway.course.state import CourseState, fold
from lowtide.pathway.course.trial_answers import known, standing
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.lookup import Asked
from lowtide.people.charts import chart_for
from lowtide.people.clinic import zone
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.chart import Chart
from lowtide.science.evidence.judged import condition
from lowtide.site.evidence_pages import for_one, page


class Planned(msgspec.Struct, frozen=True):
    """What is planned or was decided; each empty while nothing is."""

    indication: str = ""
    product: str = ""
    route: str = ""
    whence: str = ""


class Unlike(msgspec.Struct, frozen=True):
    """Where this person is unlike the trials, or where the chart does not say (`settled` False)."""

    text: str
    settled: bool
    verified: bool
    source: tuple[str, ...]


def planned(state: CourseState) -> Planned:
    """The course, else the decision on candidacy."""
    if state.course:
        protocol = protocol_of(state.course)
        product, route = (protocol.product, protocol.route or "") if protocol else ("", "")
        return Planned(state.course.indication, product, route, "the planned course")
    if state.candidacy:
        said = state.candidacy[1]
        return Planned(said.indication, said.product, said.route, "the decision on candidacy")
    return Planned()


class Compared(msgspec.Struct, frozen=True):
    """What the chart says beside the trials: where they differ, how many adequate antidepressants failed (empty: not known),
    and what the trials say of people like this one."""

    differs: list[Unlike]
    tried: str
    among: list[dict[str, Any]]


def beside_trials(chart: Chart, of: Planned, on: date, here: ZoneInfo) -> Compared:
    request = {"indication": of.indication, "product": of.product, "route": of.route}
    lookup = Asked(facts_from_chart(chart, on, here), request, _numbers(), on)
    every = [o for o in outside().outside if not o.indications or of.indication in o.indications]
    found = [_unlike(one, lookup) for one in every]
    weeks = lookup.numbers["trial_min_weeks"].value
    tried = lookup.adequate_trials(weeks if isinstance(weeks, float | int) else 0.0).value
    alike = [a for a in outside().among if a.speaks_of(of.indication, of.product) and _holds(a.when, lookup)]
    return Compared([one for one in found if one], _tried(tried), [_among(one) for one in alike])


def _among(one: Among) -> dict[str, Any]:
    """What is said of people like these goes where the rows no longer have it so; their rows stay."""
    still = all(condition(text, standing().answers).holds for text in one.holds)
    return {"said": one, "says": one.says if still else "", "answers": for_one.rows_of(one.shows)}


def _tried(found: object) -> str:
    """How many, in words; a list that nobody called whole may hold more."""
    low = found.low if isinstance(found, Span) else found
    if not isinstance(low, int) or (isinstance(found, Span) and not low):
        return ""
    return f"{'At least ' if isinstance(found, Span) else ''}{low} adequate antidepressant trial{'' if low == 1 else 's'}"


def _holds(when: str, lookup: Asked) -> bool:
    return answer(when, lookup).value is True


def _numbers() -> dict[str, Number]:
    """The numbers in force, and those that only these conditions name."""
    own = outside().number.items()
    return in_force().numbers() | {n: Number(n, value, "", "", False, (), "", None) for n, value in own}


def _unlike(one: Outside, lookup: Asked) -> Unlike | None:
    value = answer(one.when, lookup).value
    if value is UNKNOWN:
        return Unlike(one.unknown, False, one.verified, one.source) if one.unknown else None
    return Unlike(one.says, True, one.verified, one.source) if value else None


@needs(Permission.SEE_CHART)
@require_GET
def for_person(request: Request, patient: UUID) -> HttpResponse:
    """What the trials say on this person's treatment, and where they do not speak of this person."""
    chart = chart_for(request, patient)
    now, here = timezone.now(), zone()
    of = planned(fold(chart.chart))
    shown = pages().get(of.indication)
    about: dict[str, Any] = {"of": of, "patient_id": patient, **patient_context(request, chart, "plan")}
    if shown:
        theirs = beside_trials(chart.chart, of, timezone.localtime(now, here).date(), here)
        kept = for_one.evidence(of.indication, of.product, of.route, known().digest, page.texts())
        about |= kept.about | {"theirs": theirs, "body": kept.body, "counts_failures": shown.counts_failures}
    return render(request, "evidence/person.html", about)
