"""A risk programme's monitoring form, filled from the record by a definition that is data (pure).

The definition names the fields of one revision and where each comes from; the answers below know no programme.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from lowtide.data import documents, monitoring
from lowtide.data.codes import recognise_medicine
from lowtide.data.documents import Form, FormField
from lowtide.data.programs import programs, required
from lowtide.documents.papers import common, events
from lowtide.documents.papers.model import Document, Field, NotNeeded, Part
from lowtide.documents.papers.sources import Sources, missing, said
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.course.programs import enrolled
from lowtide.pathway.session.rules import label_code
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.pathway.session.rules.thresholds import holds
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.history import (
    HistoryTaken,
    Medicine,
    MedicinesReconciled,
    ProblemStatus,
    TreatmentTrial,
)
from lowtide.record.entries.identity import Sex
from lowtide.record.entries.words import day
from lowtide.science.units import plain

VITALS = ("bp", "hr", "spo2")
YES, NO = "yes", "no"


def needed(s: Sources) -> Form | None:
    """The form of the programme that this session's product stands under here."""
    forms = documents.forms()
    return next((forms[key] for key in _programs(s) if key in forms), None)


def _programs(s: Sources) -> tuple[str, ...]:
    """What the course was planned under; without a course, what the country asks for."""
    if s.course and s.course[1].programs:
        return s.course[1].programs
    clinic, order = s.about_clinic, common.order(s)
    return required(clinic[1].country if clinic else "", (order.product if order else None) or "")


def made(s: Sources) -> Document | NotNeeded:
    form = needed(s)
    if form is None:
        return NotNeeded("rems_form", f"no programme asks for one: {common.medicine(s)}")
    if s.facts.started is None:
        return NotNeeded("rems_form", common.NOT_GIVEN)
    parts = tuple(
        Part(name, tuple(_answered(s, f) for f in form.field if f.section == name)) for name in form.sections
    )
    about = f"{programs()[form.program].label}; revision {form.revision}, as publicly described"
    return Document("rems_form", form.label, about, parts, form=f"{form.id} {form.revision}")


def _answered(s: Sources, field: FormField) -> Field:
    """The field as the record answers it, under the form's own number and words."""
    found = ANSWERS[field.source](s, field)
    text, state, note = found.text, found.state, found.note
    return Field(
        f"{field.n}. {field.label}",
        text,
        found.entries,
        state,
        note,
        found.gap,
        unverified=not field.verified,
    )


# -- the patient ---------------------------------------------------------------------------------------------


def _given_name(s: Sources, field: FormField) -> Field:
    entry, p = s.patient
    return said("", p.given, entry) if p.given else missing("", "not recorded", entry, gap="people:who")


def _middle_initial(s: Sources, field: FormField) -> Field:
    """Of a second given name, where the record has one."""
    entry, p = s.patient
    more = p.given.split()[1:]
    return said("", more[0][0].upper(), entry) if more else Field("", "none", (entry.id,))


def _label(s: Sources, field: FormField) -> Field:
    """What the clinic's own label of this session says."""
    entry, p = s.patient
    number = next((i.value for i in p.identifiers if i.system == "lowtide"), "no number")
    return said("", f"{number}, session {label_code.grouped(label_code.code(s.session))}", entry)


def _family_name(s: Sources, field: FormField) -> Field:
    return said("", s.patient[1].family, s.patient[0])


def _birth_date(s: Sources, field: FormField) -> Field:
    return common.born(s)


def _sex(s: Sources, field: FormField) -> Field:
    entry, p = s.patient
    known = p.sex is not Sex.UNKNOWN
    return (
        said("", common.SEXES[p.sex], entry) if known else missing("", "not known", entry, gap="people:who")
    )


def _first_treatment(s: Sources, field: FormField) -> Field:
    """Whether no dose of this product lies before the one of this session."""
    order, began = common.order(s), first_doses(s.chart)
    before = []
    for session, entry in began.items():
        if session == s.session:
            break
        before.append((session, entry))
    same = [e for session, e in before if order and _product_of(s, session) in (order.product, None)]
    elsewhere = [e for e, b in s.chart.said(TreatmentTrial) if order and _names_it(b, order.drug)]
    if same or elsewhere:
        return said("", NO, (same or elsewhere)[0])
    asked = [e for e, b in s.chart.said(HistoryTaken) if "trials" in b.items]
    first = [began[s.session]] if s.session in began else []
    if not asked:
        note = "by this clinic's record alone: earlier treatment elsewhere was not asked for"
        return Field("", YES, tuple(e.id for e in first), "check", note)
    return said("", YES, *first, asked[-1])


def _names_it(trial: TreatmentTrial, drug: str) -> bool:
    """The earlier treatment was with this drug, here or elsewhere."""
    known = recognise_medicine(trial.agent, [(c.system, c.code) for c in trial.codings])
    return known is not None and (known.name == drug or drug in known.classes)


def _product_of(s: Sources, session: UUID) -> str | None:
    found = session_facts(s.chart, session).order
    return found[1].product if found else None


def _enrolment(s: Sources, field: FormField) -> Field:
    keys = _programs(s)
    found = enrolled(s.chart, keys[0]) if keys else None
    if found is None:
        return missing("", "not recorded; the enrolment form goes first", gap="plan:enrolment")
    entry, body = found
    return said("", f"yes, {body.enrolment}, since {day(body.enrolled_on)}", entry)


# -- medicines -----------------------------------------------------------------------------------------------


def _takes(s: Sources, field: FormField) -> Field:
    """Yes with the names; no only where somebody went through all medicines and all of them are recognised."""
    classes = frozenset(field.classes)
    active = [(e, b) for e, b in s.chart.said(Medicine) if b.status is ProblemStatus.ACTIVE and not b.same_as]
    found = [(e, b, recognise_medicine(b.name, [(c.system, c.code) for c in b.codings])) for e, b in active]
    of_it = [(e, b) for e, b, known in found if known and not classes.isdisjoint(known.classes)]
    if of_it:
        return said("", f"yes: {', '.join(_named(b) for _, b in of_it)}", *(e for e, _ in of_it))
    unknown = [(e, b) for e, b, known in found if known is None and not b.does_not_matter]
    asked = _asked(s)
    if unknown or not asked:
        why = (
            f"not known: {', '.join(b.name for _, b in unknown)} is not recognised"
            if unknown
            else "not asked"
        )
        return missing("", why, *(e for e, _ in unknown), gap="people:chart")
    return said("", NO, *asked)


def _named(b: Medicine) -> str:
    return f"{b.name} {b.dose}" if b.dose else b.name


def _asked(s: Sources) -> list[Entry]:
    """Who went through all medicines last."""
    taken = [e for e, b in s.chart.said(HistoryTaken) if "medicines" in b.items]
    reconciled = [e for e, _ in s.chart.said(MedicinesReconciled)]
    return sorted([*taken, *reconciled], key=lambda e: e.order)[-1:]


# -- the setting ---------------------------------------------------------------------------------------------


def _monitor_name(s: Sources, field: FormField) -> Field:
    if s.facts.time_out is None:
        return missing("", "no time-out was taken", gap="session:time_out")
    return said("", s.name(s.facts.time_out[1].nurse), s.facts.time_out[0])


def _clinic_name(s: Sources, field: FormField) -> Field:
    return (
        said("", s.about_clinic[1].name, s.about_clinic[0]) if s.about_clinic else missing("", "not set up")
    )


def _clinic_address(s: Sources, field: FormField) -> Field:
    if s.letterhead is None:
        return missing("", "the clinic’s address is not recorded", gap="documents:letterhead")
    entry, b = s.letterhead
    return said("", ", ".join(filter(None, (b.address, b.city, b.region, b.postcode))), entry)


def _clinic_contact(s: Sources, field: FormField) -> Field:
    found = s.letterhead
    text = ", ".join(filter(None, (found[1].phone, found[1].email))) if found else ""
    if not found or not text:
        return missing("", "the clinic’s telephone is not recorded", gap="documents:letterhead")
    return said("", f"{text} (the clinic’s)", found[0])


# -- the treatment -------------------------------------------------------------------------------------------


def _treatment_date(s: Sources, field: FormField) -> Field:
    return common.treated_on(s)


def _dose(s: Sources, field: FormField) -> Field:
    mg, made_of = s.facts.given_mg, common.dose_entries(s)
    if mg is None:
        return missing("", "the dose has not ended", *made_of)
    known = plain(mg) in field.choices
    return said("", f"{plain(mg)} mg" if known else f"other: {plain(mg)} mg", *made_of)


def _lots(s: Sources, field: FormField) -> Field:
    """Lots as the chart says them, else as the safe does."""
    parts = s.facts.parts.parts if s.facts.parts else ()
    told = {b.lot: e for e, b in parts if b.lot}
    if told:
        bare = sum(not b.lot for _, b in parts)
        if bare:
            text = f"{', '.join(told)}; of {bare} of {len(parts)} no lot is recorded"
            return missing("", text, *told.values(), gap="session:session")
        return said("", ", ".join(told), *told.values())
    found = {lot: entries for lot, _, _, entries in common.lots(s)}
    if not found:
        return missing("", "no lot is recorded", gap="session:session")
    return Field("", ", ".join(found), tuple(e for entries in found.values() for e in entries))


def _monitored_min(s: Sources, field: FormField) -> Field:
    minutes, out = common.observed_min(s), s.facts.discharged
    if minutes is None or out is None or s.facts.started is None:
        return missing("", "the patient has not left", gap="session:leave")
    short = f"fewer than {field.at_least}" if field.at_least and minutes < field.at_least else ""
    return said("", f"{minutes} min", s.facts.started[0], out[0], note=short)


def _ready_min(s: Sources, field: FormField) -> Field:
    """The first moment after the dose at which the recovery score let the patient go."""
    start, stop = s.facts.started_at, s.facts.stopped_at
    holding = [
        i.trigger
        for i in monitoring.items().values()
        if i.phase == "discharge" and "aldrete" in i.values and i.trigger
    ]
    for reading in s.facts.readings["aldrete"]:
        if start and stop and reading.at >= stop and holds(holding[0], reading.values) is False:
            return said("", f"{int((reading.at - start) / common.MINUTE)} min", reading.entry)
    return missing("", "no recovery score that allowed it was charted", gap="session:session")


def _vitals_before(s: Sources, field: FormField) -> Field:
    """No where a reading before the dose crossed a rule of the time before it."""
    pick, crossed, seen = common.before_dose(s), [], []
    for name in VITALS:
        reading = pick([r for r in s.facts.readings[name] if r.whole])
        if reading:
            seen.append(reading)
            rules = [
                i
                for i in monitoring.items().values()
                if i.phase == "pre" and i.trigger and set(i.values) & set(reading.parameter.fields)
            ]
            crossed += [r.id for r in rules if r.trigger and holds(r.trigger, reading.values)]
    if not any(r.parameter.id == "bp" for r in seen):
        return missing("", "not measured before the dose", gap="session:session")
    return said("", f"no: {', '.join(crossed)}" if crossed else YES, *(r.entry for r in seen))


def _vitals_after(s: Sources, field: FormField) -> Field:
    if s.facts.discharged is None:
        return missing("", "the patient has not left", gap="session:leave")
    entry, body = s.facts.discharged
    items = monitoring.items()
    of_it = [c for c in body.criteria if c.item in items and "sbp_mmhg" in items[c.item].values]
    if not of_it or of_it[0].answer is Answer.NOT_KNOWN:
        return missing("", "not measured before leaving", entry)
    return said("", YES if of_it[0].answer is Answer.YES else NO, entry, note=of_it[0].detail or "")


def _bp_before(s: Sources, field: FormField) -> Field:
    return common.read(s, "bp", "", common.before_dose(s), "not measured before the dose")


def _bp_near(s: Sources, field: FormField) -> Field:
    minute, within = field.minute or 0, field.within_min or 0
    none = f"not measured within {within} min of it"
    return common.read(s, "bp", "", common.nearest(s, minute, within), none)


def _bp_last(s: Sources, field: FormField) -> Field:
    return common.read(s, "bp", "", common.last_since(s), "not measured since the start")


def _spo2(s: Sources, field: FormField) -> Field:
    found = [r for r in s.facts.readings["spo2"] if r.whole]
    if not found:
        return missing("", "not measured", gap="session:session")
    low = min(found, key=lambda r: Decimal(r.values["spo2_pct"]))
    return said(
        "",
        f"{len(found)} checks, lowest {low.text} % at {s.clock(low.at)}",
        *(r.entry for r in found),
    )


# -- events --------------------------------------------------------------------------------------------------


def _course_of(s: Sources, field: FormField) -> Field:
    """From the first rating that was not normal to the first normal one after it."""
    start = s.facts.started_at
    found = [r for r in s.facts.readings[field.scale] if start and r.at >= start]
    if not found or start is None:
        return missing("", "not rated", gap="session:session")
    off = [r for r in found if _is_off(field, Decimal(next(iter(r.values.values()))))]
    if not off:
        return said("", NO, *(r.entry for r in found))
    over = next((r for r in found if r.at > off[-1].at), None)
    if over is None:
        text = f"yes, from {s.clock(off[0].at)}; its end was not rated"
        return Field("", text, tuple(r.entry.id for r in off), "missing", gap="session:session")
    within = over.at - start <= timedelta(minutes=field.within_min or 0)
    hours = plain(Decimal(field.within_min or 0) / 60)
    text = f"yes, {s.clock(off[0].at)} to {s.clock(over.at)}; over within {hours} h: {YES if within else NO}"
    return said("", text, *(r.entry for r in (*off, over)))


def _is_off(field: FormField, value: Decimal) -> bool:
    return value < field.normal if field.worse == "below" else value > field.normal


def _event_of(s: Sources, field: FormField) -> Field:
    return events.of_kinds(s, field.kinds, field.within_min)


def _serious_event(s: Sources, field: FormField) -> Field:
    return events.serious(s)


def _left_at(s: Sources, field: FormField) -> Field:
    return common.left(s)


def _completed_by(s: Sources, field: FormField) -> Field:
    if s.facts.signed is None:
        return missing("", "the session is not signed", gap="session:sign")
    entry, body = s.facts.signed
    return said("", f"{body.printed_name}, {s.date(entry.at)}", entry)


ANSWERS: dict[str, Callable[[Sources, FormField], Field]] = {
    "given_name": _given_name,
    "family_name": _family_name,
    "middle_initial": _middle_initial,
    "label": _label,
    "birth_date": _birth_date,
    "sex": _sex,
    "first_treatment": _first_treatment,
    "enrolment": _enrolment,
    "takes": _takes,
    "monitor_name": _monitor_name,
    "clinic_contact": _clinic_contact,
    "clinic_name": _clinic_name,
    "clinic_address": _clinic_address,
    "treatment_date": _treatment_date,
    "dose": _dose,
    "lots": _lots,
    "monitored_min": _monitored_min,
    "ready_min": _ready_min,
    "vitals_before": _vitals_before,
    "vitals_after": _vitals_after,
    "bp_before": _bp_before,
    "bp_near": _bp_near,
    "bp_last": _bp_last,
    "spo2": _spo2,
    "course_of": _course_of,
    "event_of": _event_of,
    "serious_event": _serious_event,
    "left_at": _left_at,
    "completed_by": _completed_by,
}
"""What a definition may name as the place of an answer."""
