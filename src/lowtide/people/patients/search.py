"""Find patients by anything that is known of them, and charts that may be the same person."""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import and_, or_
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from lowtide.data.likeness import likeness
from lowtide.people.charts import linked
from lowtide.people.models import IdentifierIndex, PatientIndex
from lowtide.people.names import digits, fold, sounds
from lowtide.people.patients.likeness import reasons
from lowtide.people.patients.numbers import number_text
from lowtide.people.patients.spelling import Term, terms
from lowtide.people.projections import latest_words
from lowtide.record import store
from lowtide.record.chart import Chart
from lowtide.record.dates import PartialDate
from lowtide.record.entries.identity import Contact, Identifier, NotLinked, Patient, Sex


def find(typed: str) -> QuerySet[PatientIndex]:
    """The patients whom all that was typed fits, by name; everybody when nothing was typed."""
    wanted = reduce(and_, map(_fits, terms(typed)), Q())
    return PatientIndex.objects.filter(wanted).order_by("family", "given", "key")


def sounding_like(typed: str) -> QuerySet[PatientIndex]:
    """Patients a word of whose family name sounds like something typed: offered when nothing was found."""
    typed_words = [w for w in fold(typed).split() if w.isalpha() and len(w) > 1]
    likely = [Q(sound__contains=f" {s} ") for s in sounds(*typed_words)]
    if not likely:
        return PatientIndex.objects.none()
    return PatientIndex.objects.filter(reduce(or_, likely)).order_by("family", "given", "key")


def _fits(term: Term) -> Q:
    ways = [*map(_named, term.names), *map(_born, term.born)]
    if term.digits:
        ways.append(_called(term.digits))
    if term.number is not None:
        ways.append(Q(number=number_text(term.number)))
    if term.code:
        known = IdentifierIndex.objects.filter(value__istartswith=term.code, current=True)
        ways += [Q(stream__in=known.values("stream")), Q(stream=f"chart:{term.code.lower()}")]
    return reduce(or_, ways, Q(pk__in=[]))


def _called(digits: str) -> Q:
    """A whole number by its last digits, national or international; a part of one by what it contains."""
    shared = likeness().shared_phone_digits
    return Q(phone__contains=digits) if len(digits) < shared else Q(phone__endswith=digits[-shared:])


def _named(spelling: str) -> Q:
    return reduce(and_, (Q(names__contains=f" {word}") for word in spelling.split()), Q())


def _born(date: PartialDate) -> Q:
    """The date typed, and every chart that knows the birth date less exactly and agrees."""
    return Q(birth_date__startswith=date) | Q(birth_date__in=[date[:7], date[:4]])


# -- look-alikes ----------------------------------------------------------------------------------------------


class LookAlike(msgspec.Struct, frozen=True):
    """A chart that may be the same person. `reviewed` says that somebody found it to be another one."""

    stream: str
    patient: Patient
    reasons: tuple[str, ...]
    reviewed: bool = False

    @property
    def patient_id(self) -> UUID:
        return UUID(self.stream.partition(":")[2])


def look_alikes(patient: Patient, stream: str | None = None, chart: Chart | None = None) -> list[LookAlike]:
    """Charts like this patient; with `stream`, without those joined to it and with what a review said of each.

    `chart` is that stream's chart with those joined to it, where the caller has it at hand.
    """
    ours = set(chart.known) if chart else set(linked(stream)) if stream else set[str]()
    dismissed = _dismissed(chart) if chart else reviewed(stream) if stream else set[str]()
    rows = [row for row in _candidates(patient) if row.stream not in ours]
    found = []
    for known in _patients(rows):
        if why := reasons(patient, known[1]):
            found.append(LookAlike(*known, why, known[0] in dismissed))
    return sorted(found, key=lambda a: (a.reviewed, a.patient.family, a.patient.given, a.stream))


def reviewed(stream: str) -> set[str]:
    """The charts that a review found to be another person, by the latest word on each."""
    return _dismissed(store.load(stream))


def _dismissed(chart: Chart) -> set[str]:
    return {other for other, body in latest_words(chart).items() if isinstance(body, NotLinked)}


def _candidates(patient: Patient) -> Iterable[PatientIndex]:
    ways = [Q(sound__contains=f" {s} ") for s in sounds(patient.family, *patient.former_names)]
    if patient.birth_date:
        ways.append(Q(birth_date=patient.birth_date))
    phone = digits(patient.contact.phone or "")[-likeness().shared_phone_digits :]
    if len(phone) == likeness().shared_phone_digits:
        ways.append(Q(phone__endswith=phone))
    for identifier in patient.identifiers:
        same = IdentifierIndex.objects.filter(
            system=identifier.system, value__iexact=identifier.value, current=True
        )
        ways.append(Q(stream__in=same.values("stream")))
    if not ways:
        return []
    return PatientIndex.objects.filter(reduce(or_, ways)).order_by("key")


def _patients(rows: list[PatientIndex]) -> Iterator[tuple[str, Patient]]:
    """The rows as patients, as far as a comparison needs them: no chart is opened for it."""
    numbers: dict[str, list[Identifier]] = {}
    for known in IdentifierIndex.objects.filter(stream__in=[row.stream for row in rows], current=True):
        numbers.setdefault(known.stream, []).append(Identifier(known.system, known.value))
    for row in rows:
        yield (
            row.stream,
            Patient(
                family=row.family,
                given=row.given,
                preferred=row.preferred or None,
                former_names=tuple(row.former.splitlines()),
                birth_date=row.birth_date or None,
                sex=Sex(row.sex),
                identifiers=tuple(numbers.get(row.stream, ())),
                contact=Contact(phone=row.phone or None),
            ),
        )
