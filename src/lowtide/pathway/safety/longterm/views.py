"""The chart's pages of long-term safety: everything on one page, and the forms that write to it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from lowtide.data import longterm, own, policies
from lowtide.data.audiences import audience
from lowtide.pathway.course.drawing import sparkline
from lowtide.pathway.course.state import fold
from lowtide.pathway.safety.actions import Act
from lowtide.pathway.safety.longterm import actions, forms, page, signals, stops
from lowtide.people.banner import patient_page
from lowtide.people.charts import PatientChart, chart_for
from lowtide.people.clinic import zone
from lowtide.people.forms import EntryForm, sent, status
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.record.entries.base import Entry
from lowtide.record.entries.longterm import RELEASE, SafetyAsked


@needs(Permission.SEE_CHART)
@require_GET
def long_term(request: Request, patient: UUID) -> HttpResponse:
    """Exposure, checks, drift, what stops, what is kept in mind."""
    found, now, here = chart_for(request, patient), timezone.now(), zone()
    whole, policy = found.whole, own.laid().policy
    state = fold(whole)
    may = request.person.can
    about = {
        **patient_page(request, found, "long_term"),
        "stops": page.stops(stops.open_stops(whole, state), found.chart, now, here),
        "decisions": page.decisions(stops.reviews(found.chart), here),
        "checks": page.checks(whole, state, policy, now, here),
        "policy": policies.policies()[policy].label,
        "windows": page.exposures(whole, state, now),
        "others": page.others(found.chart),
        "drifts": [_drawn(row) for row in page.drifts(whole, state, here)],
        "sees_use": sees_use(request),
        "observations": page.observations(signals.signals(found.chart), here) if sees_use(request) else (),
        "given": bool(state.doses),
        "may_ask": may(Permission.SCORE),
        "may_write": may(Permission.WRITE_HISTORY),
        "may_decide": may(Permission.DECIDE),
        "may_hold": may(Permission.DECIDE) or may(Permission.CHART_SESSION),
        "now": now,
    }
    return render(request, "safety/long_term.html", about)


def sees_use(request: Request) -> bool:
    """Whether this person is among those for whom notes on substance use are meant."""
    return not request.person.audience.isdisjoint(audience(actions.USE))


def _drawn(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its curve in the width of a word."""
    points = row.get("points", ())
    if len(points) < 2:
        return row
    values = [value for _, value in points]
    key = "spark-" + row["label"].split()[-1].lower()
    low, high = min(values) - 1, max(values) + 1
    spark = sparkline.Spark(key=key, title=row["label"], points=tuple(points), low=low, high=high)
    return row | {"svg": mark_safe(sparkline.draw(spark))}  # noqa: S308  drawn from numbers


@needs(Permission.SCORE)
@require_http_methods(["GET", "POST"])
def ask(request: Request, patient: UUID, check: str) -> HttpResponse:
    """This project's own questions of one check; with `corrects`, one that was answered is put right."""
    known = longterm.checks().get(check)
    if known is None or not known.asks:
        raise Http404("no such check with questions")
    found = chart_for(request, patient)
    before = _before(found, request.GET.get("corrects", ""), check)
    initial = forms.initial_of(before.body, before.at.astimezone(zone()).date()) if before else None
    form = forms.CheckForm(request.POST or None, check=known, correcting=before is not None, initial=initial)

    def act(given: dict[str, Any]) -> None:
        if before:
            actions.correct(_act(request, found, given), before, form.said(), given["reason"])
        else:
            actions.ask(_act(request, found, given), form.said())

    sheet = longterm.sheets()[known.asks]
    title = f"{'Correct' if before else 'Ask'}: {known.label}"
    about = {"title": title, "intro": sheet.intro, "writes": "the answers, with your name and the day", "go": "Keep the answers"}  # fmt: skip
    return _written(request, found, form, act, about, f"{known.label.capitalize()}: recorded.")


def _before(found: PatientChart, given: str, check: str) -> Entry | None:
    """The standing entry that is put right."""
    try:
        entry = found.chart.entries.get(UUID(given)) if given else None
    except ValueError:
        entry = None
    if entry is None:
        return None
    standing = found.chart.line(entry.id)[-1]
    return standing if isinstance(standing.body, SafetyAsked) and standing.body.check == check else None


@needs(Permission.WRITE_HISTORY)
@require_http_methods(["GET", "POST"])
def elsewhere(request: Request, patient: UUID) -> HttpResponse:
    """Treatment that somebody else gave."""
    found, form = chart_for(request, patient), forms.ElsewhereForm(request.POST or None)
    about = {
        "title": "Treatment elsewhere",
        "intro": "It counts with what is given here. What nobody knows stays empty and is told as not known.",
        "writes": "the treatment elsewhere, counted in the exposure",
        "go": "Record it",
    }

    def act(given: dict[str, Any]) -> None:
        actions.told_elsewhere(_act(request, found, given), form.said())

    return _written(request, found, form, act, about, "Treatment elsewhere is recorded.")


@needs(Permission.SCORE)
@require_http_methods(["GET", "POST"])
def observe(request: Request, patient: UUID) -> HttpResponse:
    """An observation about use, for few eyes."""
    found, form = chart_for(request, patient), forms.ObserveForm(request.POST or None)
    readers = "prescribers, the medical director and therapists"
    about = {
        "title": "Something about use",
        "intro": f"What was noticed, without judging it. Read by {readers}, and by you.",
        "writes": f"an observation that {readers} can read",
        "go": "Keep it",
    }

    def act(given: dict[str, Any]) -> None:
        actions.observe(_act(request, found, given), form.said())

    return _written(request, found, form, act, about, "The observation is kept.")


@needs(Permission.DECIDE)
@require_http_methods(["GET", "POST"])
def postpone(request: Request, patient: UUID, check: str) -> HttpResponse:
    """Put an overdue check off, with the reason."""
    known = longterm.checks().get(check)
    if known is None:
        raise Http404("no such check")
    found, form = chart_for(request, patient), forms.PostponeForm(request.POST or None)
    most = longterm.number("postpone_max_days")
    about = {
        "title": f"Put off: {known.label}",
        "intro": f"Sessions may go on without it for at most {most} days. It stays marked as overdue.",
        "writes": "that the check is put off, until when and why",
        "go": "Put it off",
    }

    def act(given: dict[str, Any]) -> None:
        actions.postpone(_act(request, found, given), check, given["until"], given["reason"])

    return _written(request, found, form, act, about, f"{known.label.capitalize()}: put off.")


@needs(Permission.SEE_CHART)
@require_http_methods(["GET", "POST"])
def stop_review(request: Request, patient: UUID) -> HttpResponse:
    """What holds the next session, each with its decision; and holding it for a reason of one's own."""
    found, now, here = chart_for(request, patient), timezone.now(), zone()
    waiting = page.stops(stops.open_stops(found.whole), found.chart, now, here)
    may_release = request.person.can(Permission.DECIDE)
    may_hold = may_release or request.person.can(Permission.CHART_SESSION)
    named = request.POST.get("of", "")
    rows = [(row, _decide_form(request, row["key"], named, may_release)) for row in waiting]
    hold = forms.HoldForm(request.POST if request.POST and not named else None, prefix="own")
    if request.method == "POST":
        if not may_hold:
            messages.error(request, "A nurse or a prescriber decides here: tell one.")
            return redirect("safety:long_term", patient)
        if _decided(request, found, rows, hold, named):
            return redirect("safety:long_term", patient)
    about = {
        **patient_page(request, found, "long_term"),
        "rows": rows,
        "hold": hold,
        "decisions": page.decisions(stops.reviews(found.chart), here),
        "may_release": may_release,
        "may_hold": may_hold,
    }
    wrong = any(form.errors for _, form in rows) or bool(hold.errors)
    return render(request, "safety/stop_review.html", about, status=422 if wrong else 200)


def _decide_form(request: Request, key: str, named: str, may_release: bool) -> forms.DecideForm:
    posted = request.POST if named == key else None
    return forms.DecideForm(posted, may_release=may_release, prefix=key)


def _decided(
    request: Request,
    found: PatientChart,
    rows: list[tuple[dict[str, Any], forms.DecideForm]],
    hold: forms.HoldForm,
    named: str,
) -> bool:
    """True once what was sent has been written."""
    if not named:
        return _said(request, hold, lambda g: actions.hold(_act(request, found, g), g["stop"], g["reason"]), "The next session is held.")  # fmt: skip
    for _, form in (pair for pair in rows if pair[0]["key"] == named):

        def act(given: dict[str, Any]) -> None:
            do = _act(request, found, given)
            if given.get("choice") == RELEASE:
                actions.release(do, named, _sources(request), given["reason"])
            else:
                actions.hold(do, named, given["reason"])

        return _said(request, form, act, "The decision is recorded.")
    messages.info(request, "Nothing of this kind holds the next session any more.")
    return True


def _said(request: Request, form: EntryForm, act: Callable[[dict[str, Any]], object], words: str) -> bool:
    if sent(form, request.method, act):
        messages.success(request, words)
        return True
    return False


def _sources(request: Request) -> tuple[UUID, ...]:
    """The entries that stood on the page when it was decided."""
    try:
        return tuple(UUID(one) for one in request.POST.get("sources", "").split())
    except ValueError:
        return ()


def _written(
    request: Request,
    found: PatientChart,
    form: EntryForm,
    act: Callable[[dict[str, Any]], object],
    about: dict[str, Any],
    words: str,
) -> HttpResponse:
    if sent(form, request.method, act):
        messages.success(request, words)
        return redirect("safety:long_term", found.patient_id)
    shown = {**patient_page(request, found, "long_term"), "form": form, **about}
    return render(request, "safety/longterm_form.html", shown, status=status(form))


def _act(request: Request, found: PatientChart, given: dict[str, Any], now: datetime | None = None) -> Act:
    act = Act(person=request.person, patient_id=found.patient_id, entry_id=given["entry_id"])
    return msgspec.structs.replace(act, now=now) if now else act
