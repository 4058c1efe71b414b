"""A risk programme's monitoring form, filled from the record by a definition that is data (pure).

The definition names the fields of one revision and where each comes from; the answers below know no programme.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

from lowtide.data import documents, monitoring
from lowtide.data.documents import Form, FormField
from lowtide.data.programs import programs
from lowtide.documents.papers import common, events, rems_patient
from lowtide.documents.papers.model import Document, Field, NotNeeded, Part
from lowtide.documents.papers.rems_patient import NO, YES
from lowtide.documents.papers.sources import Sources, missing, said
from lowtide.pathway.session.rules.readings import Reading
from lowtide.pathway.session.rules.thresholds import holds
from lowtide.record.entries.base import Answer
from lowtide.science.units import plain

VITALS = ("bp", "hr", "spo2")


def needed(s: Sources) -> Form | None:
    """The form of the programme that this session's product stands under here."""
    forms = documents.forms()
    return next((forms[key] for key in rems_patient.programs_of(s) if key in forms), None)


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
    normal = {field.scale: field.normal, **field.also}
    every = sorted((r for row in normal for r in s.facts.readings[row]), key=lambda r: r.entry.order)
    found = [r for r in every if start and r.at >= start]
    if not found or start is None:
        return missing("", "not rated", gap="session:session")
    off = [r for r in found if _is_off(field, normal, r)]
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


def _is_off(field: FormField, normal: Mapping[str, Decimal], reading: Reading) -> bool:
    value, bound = Decimal(next(iter(reading.values.values()))), normal[reading.parameter.id]
    return value < bound if field.worse == "below" else value > bound


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
    "given_name": rems_patient.given_name,
    "family_name": rems_patient.family_name,
    "middle_initial": rems_patient.middle_initial,
    "label": rems_patient.label,
    "birth_date": rems_patient.birth_date,
    "sex": rems_patient.sex,
    "first_treatment": rems_patient.first_treatment,
    "enrolment": rems_patient.enrolment,
    "takes": rems_patient.takes,
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
