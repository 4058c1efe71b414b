"""The verbs of consent: sign, withdraw, hand over the copy. Each is one append under a guard."""

from collections.abc import Collection, Mapping
from uuid import UUID, uuid5

import msgspec

from lowtide.data.consent import Form
from lowtide.pathway.course.consent import Standing, signed
from lowtide.pathway.plan import ordering
from lowtide.pathway.plan.actions import Act
from lowtide.people.charts import identity, linked, whole_chart
from lowtide.people.clinic import zone
from lowtide.people.names import fold
from lowtide.people.retry import append
from lowtide.problems import BadInput, Problem, bad, refuse
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.consent import (
    Consent,
    ConsentConfirmed,
    ConsentCopyGiven,
    ConsentElement,
    ConsentWithdrawn,
    RegistryChoice,
)
from lowtide.record.entries.identity import Patient

PATIENT, REPRESENTATIVE = "patient", "representative"


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed and in which capacity; `digest` is of the words that were on the screen. `at_home`: by the patient alone,
    who cannot judge their own capacity; somebody here confirms it afterwards."""

    digest: str
    ticked: Collection[str]
    signer: str
    acting_as: str = PATIENT
    relation: str = ""
    capacity: Answer = Answer.NOT_KNOWN
    witness: str = ""
    interpreter: str = ""
    joins_registry: bool | None = None
    at_home: bool = False


def sign(act: Act, form: Form, course: UUID | None, given: Signature) -> list[Entry]:
    """The consent as signed, and apart from it the choice about the registry if one was made.

    Raises BadInput naming each element that is not ticked; Refused when the form or the course has changed meanwhile.
    """
    if given.digest != form.digest:
        raise refuse("the words of the form have changed", "digest", "Go through it again.")
    _whole(form, given)
    _named(identity(store.load(act.stream), act.patient_id), given)
    of = form.scope
    body = Consent(
        form=form.id,
        version=form.version,
        language=form.language,
        digest=form.digest,
        indication=of.indication,
        product=of.product,
        route=of.route,
        standing=of.standing,
        compounded=of.compounded,
        course=course,
        elements=tuple(ConsentElement(e.id, e.title, e.text) for e in form.elements),
        signer=" ".join(given.signer.split()),
        acting_as=given.acting_as,
        relation=given.relation.strip() or None,
        capacity=given.capacity,
        witness=given.witness.strip() or None,
        interpreter=given.interpreter.strip() or None,
    )
    drafts = [act.draft(body)]
    if given.joins_registry is not None:
        choice = RegistryChoice(joins=given.joins_registry, text=form.registry.text, version=form.version)
        drafts.append(msgspec.structs.replace(act.draft(choice), id=uuid5(act.entry_id, "registry")))
    own = linked(act.stream)

    def still(charts: Mapping[str, Chart]) -> None:
        running = ordering.course(Chart.union(charts[name] for name in own))
        if course != (running.course if running else None):
            raise refuse("the series was changed meanwhile", "course", "Open the consent again.")

    return append(drafts, still, also_lock=own, now=act.now)


def _whole(form: Form, given: Signature) -> None:
    open_ = [e for e in form.elements if e.id not in given.ticked]
    if open_:
        raise BadInput(
            *(
                Problem(f"“{e.title}” is not ticked", f"tick_{e.id}", "Go through it, then tick it.")
                for e in open_
            )
        )
    if given.capacity is not Answer.YES and given.acting_as == PATIENT and not given.at_home:
        raise bad(
            "it is not said that the patient can decide this",
            "capacity",
            "Say so, or let a representative sign; without capacity nobody is treated under rule C042.",
        )


def _named(patient: Patient | None, given: Signature) -> None:
    if patient is None or given.acting_as != PATIENT:
        return
    names = {f"{first} {patient.family}" for first in (patient.given, patient.preferred or patient.given)}
    if fold(given.signer) not in {fold(n) for n in names}:
        raise bad(
            "this is not the name of this chart",
            "signer",
            f"Type it as {patient.given} {patient.family}. If the name is another, correct who the patient is first.",
        )


def withdraw(act: Act, consent: UUID, reason: str) -> list[Entry]:
    """The patient takes a consent back; no reason is needed. Refused where it was taken back before."""
    standing = _standing(act, consent)
    if standing.withdrawn and standing.withdrawn.id != act.entry_id:
        raise refuse("it was withdrawn before", "consent", "Nothing more to do.")
    return append([act.draft(ConsentWithdrawn(consent=consent), reason=reason or None)], now=act.now)


def confirm(act: Act, consent: UUID, capacity: Answer) -> list[Entry]:
    """Somebody spoke to a patient who signed at home. Refused where nothing waits for it."""
    standing = _standing(act, consent)
    if not standing.waits and not (standing.confirmed and standing.confirmed.id == act.entry_id):
        raise refuse("nobody waits for this", "consent", "Open the consents again.")
    return append([act.draft(ConsentConfirmed(consent=consent, capacity=capacity))], now=act.now)


def give_copy(act: Act, consent: UUID, how: str) -> list[Entry]:
    """The patient has their copy."""
    _standing(act, consent)
    return append([act.draft(ConsentCopyGiven(consent=consent, how=how))], now=act.now)


def _standing(act: Act, consent: UUID) -> Standing:
    found = signed(whole_chart(act.stream), act.now, zone())
    standing = next((s for s in found if s.entry.id == consent), None)
    if standing is None:
        raise bad("there is no such consent", "consent", "Open the consents again.")
    return standing
