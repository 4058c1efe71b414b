"""Entries in plain language: what each kind is called and what one of them says, in a line (pure)."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from lowtide.data.audiences import topics
from lowtide.data.plausibility import limits
from lowtide.data.programs import programs
from lowtide.data.trials import tables as trials
from lowtide.data.vocabulary import words as vocabulary
from lowtide.record.dates import PartialDate
from lowtide.record.entries import calendar_words as calendar
from lowtide.record.entries import more_words
from lowtide.record.entries.base import Body, Entry, Redacted, Unreadable

MONTHS, day = calendar.MONTHS, calendar.day
LONGEST_NOTE, PLAIN_DIGITS, ESCORT = 280, 12, "escort_present"

LABELS: dict[str, str] = {
    **more_words.LABELS,
    "patient": "Identity",
    "linked": "Charts joined",
    "unlinked": "Charts parted",
    "not_linked": "Another person",
    "diagnosis": "Problem",
    "medicine": "Medicine",
    "medicines_reconciled": "Medicines reconciled",
    "allergy": "Allergy",
    "treatment_trial": "Earlier treatment",
    "trial_judged": "Adequacy judged",
    "depressive_episode": "Episode",
    "program_enrolled": "Enrolment",
    "site_certified": "Site certified",
    "history_item": "History",
    "history_taken": "History taken",
    "result": "Result",
    "result_reviewed": "Result reviewed",
    "measurement": "Measurement",
    "candidacy_decided": "Decision",
    "course_planned": "Course planned",
    "order_signed": "Order signed",
    "forecast_shown": "Forecast shown",
    "answers": "Questionnaire",
    "total": "Score",
    "session_scheduled": "Session planned",
    "session_cancelled": "Session cancelled",
    "time_out": "Time-out",
    "preparation_checked": "Preparation checked",
    "dose_started": "Infusion started",
    "rate_changed": "Rate changed",
    "dose_stopped": "Infusion stopped",
    "vitals": "Vital signs",
    "rating": "Rating",
    "not_done": "Not done",
    "acknowledged": "Reminder answered",
    "chair_event": "At the chair",
    "note": "Note",
    "discharged": "Discharged",
    "session_abandoned": "Session broken off",
    "session_signed": "Session signed",
    "policy_adopted": "Policy adopted",
    "number_approved": "Number approved",
    "number_changed": "Number changed",
    "number_postponed": "Number postponed",
    "risk_accepted": "Risk accepted",
    "fhir_resource": "From elsewhere",
    "entered_in_error": "Entered in error",
    "redaction": "Redaction",
    "redacted": "Redacted",
}


def kind_label(name: str) -> str:
    """What a kind of entry is called."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def label(entry: Entry) -> str:
    """What this entry is called on a line of the record."""
    body = entry.body
    if topic := getattr(body, "topic", None):
        return topics()[topic].label if topic in topics() else "Note"
    if quantity := getattr(body, "quantity", None):
        return _quantity(quantity)[0].capitalize()
    return kind_label(entry.kind.rpartition(".")[0])


def summary(entry: Entry, zone: tzinfo = UTC) -> str:
    """What this entry says, in one line; planned instants are told in `zone`."""
    body = entry.body
    if isinstance(body, Redacted):
        return "what stood here was removed by a redaction"
    if isinstance(body, Unreadable):
        return f"written by a newer Lowtide ({body.tag})"
    say = SAYS.get(body.kind_name(), _anything)
    return _clean(say(body, zone))


def moment(at: datetime, zone: tzinfo) -> str:
    """An instant as the clinic's clock tells it: 3 Dec 2026, 10:00."""
    local = at.astimezone(zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"


def brief(value: Decimal | float) -> str:
    """A number as a person reads it: two decimals, of a fraction three figures. What was sent stays in the entry."""
    exact = value if isinstance(value, Decimal) else Decimal(f"{value:.12g}")
    if not exact.is_finite() or exact.adjusted() > PLAIN_DIGITS:
        return str(value)
    step = Decimal("0.01") if abs(exact) >= 1 or not exact else Decimal(1).scaleb(exact.adjusted() - 2)
    return f"{exact if exact == exact.quantize(step) else exact.quantize(step):f}"


# -- how each kind says it ------------------------------------------------------------------------------------


def _patient(b: Any, zone: tzinfo) -> str:
    numbers = ", ".join(dict.fromkeys(i.value for i in b.identifiers))
    born = f"born {day(b.birth_date)}" if b.birth_date else "birth date not known"
    return _join(f"{b.given} {b.family}", b.sex.value, born, numbers, b.deceased and "has died")


def _diagnosis(b: Any, zone: tzinfo) -> str:
    said = {"refuted": f"not: {b.label}", "unknown": f"{b.label}, not known whether still so"}
    since, matters = _since(b.onset, b.ended), b.does_not_matter and "does not matter here"
    return _join(said.get(b.status, b.label), b.status == "past" and "past", since, b.note, matters)


def _medicine(b: Any, zone: tzinfo) -> str:
    said = {"refuted": f"does not take {b.name}", "unknown": f"{b.name}, not known whether still taken"}
    past = b.status == "past" and "no longer taken"
    known = b.known_as and f"known as {', '.join(b.known_as)}"
    also = (
        b.same_as and "told of already",
        b.does_not_matter and "does not matter here",
    )
    return _join(said.get(b.status, b.name), b.dose, past, _since(b.started, b.stopped), b.note, known, *also)


def _allergy(b: Any, zone: tzinfo) -> str:
    if b.status == "refuted":
        return "no known allergies" if b.substance == "any" else f"not allergic to {b.substance}"
    return _join(b.substance, b.reaction, b.onset and f"since {day(b.onset)}")


def _trial(b: Any, zone: tzinfo) -> str:
    weeks = b.weeks is not None and f"{b.weeks} weeks"
    daily = b.daily_dose_mg is not None and f"{b.daily_dose_mg} mg a day"
    sessions = b.sessions is not None and _count(b.sessions, "session")
    better = b.improvement_pct is not None and f"{b.improvement_pct} % better"
    came = (_trial_word("result", b.result), better, b.outcome, b.stopped_because)
    told = _trial_word("told_by", b.told_by)
    given = b.dose or daily
    return _join(
        b.agent, given, weeks, sessions, *came, _since(b.started, b.stopped), told and f"told by {told}"
    )


def _trial_word(table: str, key: str | None) -> str:
    known = getattr(trials(), table).get(key or "")
    return getattr(known, "label", known) or ""


def _proof(b: Any, proof: str, since: str | None, until: str | None) -> str:
    known = programs().get(b.program)
    return _join(known.label if known else b.program, proof, _since(since, until))


READ = {"yes": "read as out of range", "no": "read as in order"}


def _history_item(b: Any, zone: tzinfo) -> str:
    answer = b.answer.replace("_", " ")
    return _join(
        f"{_plain(b.item)}: {answer}", b.value, b.date and day(b.date), b.detail, READ.get(b.abnormal)
    )


def _result(b: Any, zone: tzinfo) -> str:
    value = b.text if b.value is None else f"{brief(b.value)} {b.unit or ''}".strip()
    return _join(f"{b.label} {value or ''}".strip(), b.abnormal == "yes" and "abnormal")


def _measurement(b: Any, zone: tzinfo) -> str:
    read = b.read_unit and b.read_value != b.value and f"read as {b.read_value} {b.read_unit}"
    return _join(f"{brief(b.value)} {_quantity(b.quantity)[1]}".strip(), read, b.device)


def _decided(b: Any, zone: tzinfo) -> str:
    what = (
        f"{_word('product', b.product)}, {_word('route', b.route)}, for {_word('indication', b.indication)}"
    )
    differs = b.suggested != b.decision and f"the rules suggested {_plain(b.suggested)}"
    return _join(f"{_plain(b.decision)}: {what}", differs, f"policy {b.policy}")


def _course(b: Any, zone: tzinfo) -> str:
    sessions = _count(len(b.sessions), "session")
    return _join(f"{sessions} of {b.phase}, protocol {b.protocol}", _word("indication", b.indication), b.goal)


def _forecast(b: Any, zone: tzinfo) -> str:
    f = b.forecast
    doses = ", ".join(f"{d.mg:g} mg {_word('drug', d.drug)} {_word('route', d.route)}" for d in f.doses)
    return _join(
        f"what {doses} may do, beside the order", f"{f.members} virtual people", f"numbers {f.numbers}"
    )


def _answers(b: Any, zone: tzinfo) -> str:
    given = ", ".join(f"{item}: {value}" for item, value in b.items.items())
    about = f"{b.instrument}, {b.mode}"
    read = b.language and f"read in {b.language}"
    return _join(
        about, b.window and f"asks about {b.window}", read, not b.complete and "left half-way", given
    )


def _scheduled(b: Any, zone: tzinfo) -> str:
    return _join(
        f"session {b.number}", moment(b.planned_at, zone), _chair(b.chair), b.escort and f"escort {b.escort}"
    )


def _time_out(b: Any, zone: tzinfo) -> str:
    yes = sum(item.answer == "yes" for item in b.items)
    return _join(f"{yes} of {len(b.items)} items yes", f"nurse {b.nurse}", _chair(b.chair))


def _preparation(b: Any, zone: tzinfo) -> str:
    differs = ", ".join(_plain(f.figure) for f in b.figures if not f.agrees)
    read = ", ".join(f"{_plain(f.figure)} {f.read}" for f in b.figures)
    return _join(
        f"differs from the order: {differs}" if differs else "agrees with the order", f"read: {read}"
    )


def _chair(key: str | None) -> str:
    """Chairs are kept by a key, which is often a bare number."""
    return f"chair {key}" if key and key[0].isdigit() else key or ""


def _vitals(b: Any, zone: tzinfo) -> str:
    pressure = b.sbp_mmhg is not None and f"{b.sbp_mmhg}/{_or(b.dbp_mmhg)} mmHg"
    rest = (
        f"{_quantity(name)[0]} {value}{_unit(name)}"
        for name in ("map_mmhg", "heart_rate_bpm", "spo2_pct", "resp_rate_per_min", "temp_c")
        if (value := getattr(b, name)) is not None
    )
    return _join(pressure, *rest, b.on_oxygen and "on oxygen", b.site)


def _rating(b: Any, zone: tzinfo) -> str:
    return f"{_quantity(b.scale)[0]}: {b.value}"


def _discharged(b: Any, zone: tzinfo) -> str:
    met = sum(item.answer == "yes" for item in b.criteria)
    here = any(item.item == ESCORT and item.answer == "yes" for item in b.criteria)
    with_whom = f"with {b.escort}" if b.escort else "with an escort" if here else "without an escort"
    return _join(with_whom, f"{met} of {len(b.criteria)} criteria met", b.against_advice and "against advice")


def _note(b: Any, zone: tzinfo) -> str:
    text = " ".join(b.text.split())
    return text if len(text) <= LONGEST_NOTE else f"{text[:LONGEST_NOTE].rstrip()} …"


def _resource(b: Any, zone: tzinfo) -> str:
    made = _count(b.derived, "entry", "entries")
    return _join(f"{b.resource_type} {b.resource_id} of {b.system}", b.kept_because or f"became {made}")


def _anything(b: Body, zone: tzinfo) -> str:
    said = ((name, getattr(b, name)) for name in b.__struct_fields__)
    return _join(
        *(f"{_plain(name)} {_simple(value, zone)}" for name, value in said if value not in (None, ()))
    )


SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    **more_words.SAYS,
    "patient": _patient,
    "linked": lambda b, z: "this chart and another belong to one person",
    "unlinked": lambda b, z: "this chart and another do not belong together",
    "not_linked": lambda b, z: "a look-alike was reviewed: another person",
    "diagnosis": _diagnosis,
    "medicine": _medicine,
    "medicines_reconciled": lambda b, z: _join(f"{_count(len(b.entries), 'line')} gone through", b.note),
    "allergy": _allergy,
    "treatment_trial": _trial,
    "trial_judged": lambda b, z: "an adequate trial" if b.adequate else "not an adequate trial",
    "depressive_episode": lambda b, z: _join(b.started and f"since {day(b.started)}", b.severity),
    "program_enrolled": lambda b, z: _proof(b, b.enrolment, b.enrolled_on, b.ended_on),
    "site_certified": lambda b, z: _proof(b, b.certificate, b.certified_on, b.expires_on),
    "history_item": _history_item,
    "history_taken": lambda b, z: f"asked: {', '.join(map(_plain, b.items))}",
    "result": _result,
    "result_reviewed": lambda b, z: _join(f"{_count(len(b.results), 'result')} seen", b.note),
    "measurement": _measurement,
    "candidacy_decided": _decided,
    "course_planned": _course,
    "forecast_shown": _forecast,
    "answers": _answers,
    "total": lambda b, z: f"{b.instrument} {brief(b.value)}",
    "session_scheduled": _scheduled,
    "session_cancelled": lambda b, z: "it will not happen",
    "time_out": _time_out,
    "preparation_checked": _preparation,
    "dose_started": lambda b, z: (
        f"{b.rate_ml_per_h} mL/h of {b.mg_per_ml} mg/mL, {b.volume_ml} mL in all"
        + (f", lot {b.lot}" if b.lot else "")
    ),
    "rate_changed": lambda b, z: f"{b.rate_ml_per_h} mL/h" if b.rate_ml_per_h else "paused",
    "dose_stopped": lambda b, z: _join(f"{b.delivered_ml} mL went in", not b.complete and "before its end"),
    "vitals": _vitals,
    "rating": _rating,
    "not_done": lambda b, z: f"{_plain(b.item)}: {b.why}",
    "acknowledged": lambda b, z: _join(f"reminder {b.rule}", b.lifts and "the hold is lifted"),
    "chair_event": lambda b, z: _join(_plain(b.what), b.detail),
    "note": _note,
    "discharged": _discharged,
    "session_abandoned": lambda b, z: "the session was broken off",
    "session_signed": lambda b, z: f"signed by {b.printed_name}; what follows is an addendum",
    "number_approved": lambda b, z: _join(b.told or f"{b.number} {b.value}", _signed(b)),
    "number_changed": lambda b, z: _join(b.told, f"before {b.was}", _signed(b)),
    "number_postponed": lambda b, z: _join(b.told, "not decided yet", _signed(b)),
    "risk_accepted": lambda b, z: _join(b.told, _signed(b)),
    "fhir_resource": _resource,
    "entered_in_error": lambda b, z: "this should never have been written here",
    "redaction": lambda b, z: f"one entry was removed, on the basis of {b.legal_basis}",
}


def _signed(b: Any) -> str:
    return f"signed {b.printed_name}" if b.printed_name else ""


def _clean(text: str) -> str:
    return text or "nothing more"


def _join(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


def _since(start: PartialDate | None, end: PartialDate | None) -> str:
    if start and end:
        return f"{day(start)} to {day(end)}"
    return f"since {day(start)}" if start else f"until {day(end)}" if end else ""


def _word(kind: str, given: str) -> str:
    known = vocabulary()[kind].get(given)
    return known.label if known else _plain(given)


def _quantity(name: str) -> tuple[str, str]:
    """(what it is called, its unit)"""
    known = limits().get(name)
    return (known.label, known.unit) if known else (_plain(name), "")


def _unit(name: str) -> str:
    unit = _quantity(name)[1]
    return unit if unit.startswith("/") or not unit else f" {unit}"


def _or(value: object) -> object:
    return "not measured" if value is None else value


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _count(n: int, one: str, many: str | None = None) -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def _simple(value: Any, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return moment(value, zone)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
