"""The ledger as its page shows it: rows by kind and episode, what replaced what, what a record proposes (pure)."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import tzinfo

import msgspec

from lowtide.data import codes
from lowtide.data.trials import kind_of_codes, minimum_doses, tables
from lowtide.pathway.evaluate.adequacy import ANTIDEPRESSANT, EPISODE, Verdict, of_weeks, verdict
from lowtide.pathway.evaluate.charted_trials import Charted
from lowtide.pathway.evaluate.words import plain
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Entry, Source
from lowtide.record.entries.history import Medicine, ProblemStatus, TreatmentTrial
from lowtide.record.entries.words import day, summary

LEVELS = {True: ("clear", "Adequate"), False: ("caution", "Not adequate"), None: ("unknown", "Not known")}


class Row(msgspec.Struct, frozen=True):
    """One treatment. `before` are its older wordings, the oldest first, each with the reason it was corrected for."""

    entry: Entry
    body: TreatmentTrial
    classes: tuple[str, ...]
    dose: str
    time: str
    verdict: Verdict
    level: str
    word: str
    adherence: str
    result: str
    source: str
    judgement: Entry | None
    before: tuple[tuple[str, str], ...]


class Group(msgspec.Struct, frozen=True):
    """The treatments of one kind, in one part of the illness."""

    kind: str
    label: str
    episode: str
    rows: tuple[Row, ...]


class Proposal(msgspec.Struct, frozen=True):
    """A medicine of the record that was an antidepressant and ended: a trial once a person says so."""

    entry: Entry
    body: Medicine
    taken: str
    imported: bool


def groups(chart: Chart, ledger: Sequence[Charted], min_weeks: float, zone: tzinfo) -> tuple[Group, ...]:
    """Every treatment, antidepressants first; within a kind this episode before what is open and earlier ones."""
    found = []
    for kind, about in tables().kind.items():
        for present in (True, None, False):
            rows = tuple(
                _row(chart, one, min_weeks, zone)
                for one in ledger
                if one.trial.kind == kind and one.trial.current_episode is present
            )
            if rows:
                found.append(Group(kind, about.label, EPISODE[present], rows))
    return tuple(found)


def in_order(ledger: Sequence[Charted]) -> list[Charted]:
    """By the start, as far as it is known; the others after them, by name."""
    return sorted(ledger, key=lambda one: (one.body.started or "9999", one.trial.agent))


def _row(chart: Chart, one: Charted, min_weeks: float, zone: tzinfo) -> Row:
    body, found = one.body, verdict(one.trial, min_weeks)
    level, word = LEVELS[found.adequate]
    labels = codes.medicine_classes()
    return Row(
        entry=one.entry,
        body=body,
        classes=tuple(labels[key].label for key in sorted(one.trial.classes)),
        dose=_dose(one),
        time=_time(one),
        verdict=found,
        level=level,
        word=word,
        adherence=tables().adherence.get(body.adherence or "", "not recorded"),
        result=_result(body),
        source=_source(one.entry, body),
        judgement=one.judgement,
        before=tuple(_before(chart, one.entry, zone)),
    )


def _dose(one: Charted) -> str:
    if one.trial.sessions is not None:
        return f"{one.trial.sessions} sessions"
    mg = one.trial.daily_mg
    daily = f"{plain(float(mg))} mg a day" if mg is not None else ""
    return one.body.dose if one.body.dose and one.body.dose != daily else daily or "not recorded"


def _time(one: Charted) -> str:
    weeks, body = one.trial.weeks, one.body
    told = ""
    if weeks is not None:
        told = of_weeks(weeks)
    dates = " to ".join(day(d) for d in (body.started, body.stopped) if d)
    if body.started and not body.stopped:
        dates = f"from {dates}"
    elif body.stopped and not body.started:
        dates = f"until {dates}"
    return ", ".join(filter(None, (told, dates))) or "not recorded"


def _result(body: TreatmentTrial) -> str:
    known = tables().result.get(body.result or "")
    change = f"{plain(float(body.improvement_pct))} % better" if body.improvement_pct is not None else ""
    return "; ".join(filter(None, (known.label if known else "", change, body.outcome))) or "not recorded"


def _source(entry: Entry, body: TreatmentTrial) -> str:
    told = tables().told_by.get(body.told_by or "")
    return told or ("another record" if entry.source is Source.IMPORT or entry.origin else "not recorded")


def _before(chart: Chart, entry: Entry, zone: tzinfo) -> Iterator[tuple[str, str]]:
    line = chart.line(entry.id)
    for older, newer in itertools.pairwise(line):
        yield summary(older, zone), newer.reason or ""


def proposals(chart: Chart, ledger: Sequence[Charted]) -> tuple[Proposal, ...]:
    """Antidepressants that ended, and that no treatment of the ledger was made from."""
    used = {one.entry.origin for one in ledger}
    return tuple(
        Proposal(entry, body, _time_taken(body), entry.source is Source.IMPORT)
        for entry, body in chart.said(Medicine)
        if _ended(body) and _is_antidepressant(body) and f"{entry.stream}/{entry.id}" not in used
    )


def _ended(body: Medicine) -> bool:
    return body.status is ProblemStatus.PAST or (
        body.stopped is not None and body.status is not ProblemStatus.REFUTED
    )


def _is_antidepressant(body: Medicine) -> bool:
    found = codes.recognise_medicine(body.name, [(c.system, c.code) for c in body.codings])
    known = codes.medicine_classes()
    return found is not None and (
        kind_of_codes(found.atc) == ANTIDEPRESSANT or any(known[key].antidepressant for key in found.classes)
    )


def _time_taken(body: Medicine) -> str:
    parts = (body.started and f"from {day(body.started)}", body.stopped and f"to {day(body.stopped)}")
    return " ".join(filter(None, parts)) or "dates not recorded"


def unchecked() -> str:
    """What of the numbers behind adequacy no source was read for and nobody here answers for, in a sentence; nothing
    where there is none."""
    doses = minimum_doses().values()
    open_ = sum(not d.verified for d in doses)
    if not open_:
        return ""
    return (
        f"{open_} of {len(doses)} lowest doses are recalled defaults: {tables().source['minimum_doses'].text}"
    )
