"""What a monitoring form asks of the patient: who they are, earlier treatment, what else they take (pure)."""

from uuid import UUID

from lowtide.data.codes import recognise_medicine
from lowtide.data.documents import FormField
from lowtide.data.programs import required
from lowtide.documents.papers import common
from lowtide.documents.papers.model import Field
from lowtide.documents.papers.sources import Sources, missing, said
from lowtide.pathway.course.given import first_doses
from lowtide.pathway.course.programs import enrolled
from lowtide.pathway.session.rules import label_code
from lowtide.pathway.session.rules.facts import session_facts
from lowtide.record.entries.base import Entry
from lowtide.record.entries.history import (
    HistoryTaken,
    Medicine,
    MedicinesReconciled,
    ProblemStatus,
    TreatmentTrial,
)
from lowtide.record.entries.identity import Sex
from lowtide.record.entries.words import day

YES, NO = "yes", "no"


def programs_of(s: Sources) -> tuple[str, ...]:
    """What the course was planned under; without a course, what the country asks for."""
    if s.course and s.course[1].programs:
        return s.course[1].programs
    clinic, order = s.about_clinic, common.order(s)
    return required(clinic[1].country if clinic else "", (order.product if order else None) or "")


# -- the patient ---------------------------------------------------------------------------------------------


def given_name(s: Sources, field: FormField) -> Field:
    entry, p = s.patient
    return said("", p.given, entry) if p.given else missing("", "not recorded", entry, gap="people:who")


def middle_initial(s: Sources, field: FormField) -> Field:
    """Of a second given name, where the record has one."""
    entry, p = s.patient
    more = p.given.split()[1:]
    return said("", more[0][0].upper(), entry) if more else Field("", "none", (entry.id,))


def label(s: Sources, field: FormField) -> Field:
    """What the clinic's own label of this session says."""
    entry, p = s.patient
    number = next((i.value for i in p.identifiers if i.system == "lowtide"), "no number")
    return said("", f"{number}, session {label_code.grouped(label_code.code(s.session))}", entry)


def family_name(s: Sources, field: FormField) -> Field:
    return said("", s.patient[1].family, s.patient[0])


def birth_date(s: Sources, field: FormField) -> Field:
    return common.born(s)


def sex(s: Sources, field: FormField) -> Field:
    entry, p = s.patient
    known = p.sex is not Sex.UNKNOWN
    return (
        said("", common.SEXES[p.sex], entry) if known else missing("", "not known", entry, gap="people:who")
    )


def first_treatment(s: Sources, field: FormField) -> Field:
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


def enrolment(s: Sources, field: FormField) -> Field:
    keys = programs_of(s)
    found = enrolled(s.chart, keys[0]) if keys else None
    if found is None:
        return missing("", "not recorded; the enrolment form goes first", gap="plan:enrolment")
    entry, body = found
    return said("", f"yes, {body.enrolment}, since {day(body.enrolled_on)}", entry)


# -- medicines -----------------------------------------------------------------------------------------------


def takes(s: Sources, field: FormField) -> Field:
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
