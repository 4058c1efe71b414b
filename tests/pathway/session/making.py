"""Sessions made in memory for the pure rules: entries as they would be stored, without a store."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from lowtide.data.consent import form as consent_form
from lowtide.data.consent import scope
from lowtide.pathway.session.rules.facts import Facts, facts
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Body, Entry, Source
from lowtide.record.entries.care import OrderSigned
from lowtide.record.entries.chair import DoseStarted, DoseStopped, SessionScheduled, TimeOut, Vitals
from lowtide.record.entries.consent import Consent, ConsentElement
from lowtide.record.entries.longrun import ContainerPrepared

SESSION = UUID(int=1)
COURSE = UUID(int=2)
STREAM = "chart:p"
T0 = datetime(2026, 11, 22, 10, 2, tzinfo=UTC)
VOLUME_ML, RATE, MG = Decimal(50), Decimal(75), Decimal("36.5")


def at(minutes: float) -> datetime:
    """The instant so many minutes after the start of the dose."""
    return T0 + timedelta(minutes=minutes)


def entry(body: Body, minutes: float = 0, **envelope: Any) -> Entry:
    when = at(minutes)
    fields: dict[str, Any] = {
        "id": uuid4(),
        "stream": STREAM,
        "seq": 1,
        "recorded_at": when,
        "by": "staff:nurse",
        "source": Source.MANUAL,
        "previous": "",
        "body_digest": "",
        "session": SESSION,
    }
    return Entry(kind=body.kind_tag(), at=when, body=body, **(fields | envelope))


def order(**changes: Any) -> OrderSigned:
    fields: dict[str, Any] = {
        "course": COURSE,
        "protocol": "P05",
        "protocol_version": "test",
        "drug": "ketamine",
        "route": "iv",
        "dose_mg": MG,
        "dose_mg_per_kg": Decimal("0.5"),
        "weight_kg": Decimal(73),
        "weight_entry": UUID(int=3),
        "duration_min": Decimal(40),
        "vial_mg_per_ml": Decimal(50),
        "vial_volume_ml": Decimal("0.73"),
        "diluent_ml": Decimal("49.27"),
        "final_volume_ml": VOLUME_ML,
        "rate_ml_per_h": RATE,
        "policy": "default",
        "printed_name": "Dr Test",
    }
    return OrderSigned(**(fields | changes))


NO_PUMP: dict[str, Any] = dict.fromkeys(
    ("duration_min", "vial_mg_per_ml", "vial_volume_ml", "diluent_ml", "final_volume_ml", "rate_ml_per_h")
)


def devices(count: int = 2, **changes: Any) -> OrderSigned:
    """An order of nasal devices of 28 mg, five minutes apart; it rests on no weight."""
    fields: dict[str, Any] = {
        **NO_PUMP,
        "protocol": "P01",
        "product": "esketamine_nasal",
        "drug": "esketamine",
        "route": "in",
        "dose_mg": Decimal(28) * count,
        "dose_mg_per_kg": None,
        "weight_kg": None,
        "weight_entry": None,
        "given_as": "device",
        "each_mg": Decimal(28),
        "count": Decimal(count),
        "unit": "device",
        "apart_min": Decimal(5),
    }
    return order(**(fields | changes))


def injection(**changes: Any) -> OrderSigned:
    """An order of 36.5 mg under the skin, drawn from a vial of 50 mg/mL."""
    drawn = {"vial_mg_per_ml": Decimal(50), "vial_volume_ml": Decimal("0.73")}
    fields: dict[str, Any] = {
        **NO_PUMP,
        **drawn,
        "protocol": "P10",
        "product": "racemic_ketamine",
        "route": "sc",
    }
    return order(**(fields | changes))


def consent(product: str = "racemic_ketamine", route: str = "iv", **changes: Any) -> Consent:
    """A consent to the series of these sessions, by the form in force."""
    of = scope(product, route, "trd")
    form = consent_form(of)
    fields: dict[str, Any] = {
        "form": form.id,
        "version": form.version,
        "language": form.language,
        "digest": form.digest,
        "indication": "trd",
        "product": product,
        "route": route,
        "standing": of.standing,
        "compounded": of.compounded,
        "course": COURSE,
        "elements": tuple(ConsentElement(e.id, e.title, e.text) for e in form.elements),
        "signer": "Ines Testperson",
        "acting_as": "patient",
        "capacity": Answer.YES,
    }
    return Consent(**(fields | changes))


def started(minutes: float = 0, rate: Decimal = RATE, container: UUID | None = None) -> Entry:
    body = DoseStarted(
        order=UUID(int=4),
        rate_ml_per_h=rate,
        mg_per_ml=MG / VOLUME_ML,
        volume_ml=VOLUME_ML,
        container=container,
    )
    return entry(body, minutes)


def bag(volume_ml: Decimal = VOLUME_ML, number: int = 1) -> ContainerPrepared:
    """A bag of the order's strength."""
    return ContainerPrepared(
        order=UUID(int=10),
        number=number,
        container="bag",
        drug="ketamine",
        vial_mg_per_ml=Decimal(50),
        vial_volume_ml=volume_ml * MG / VOLUME_ML / 50,
        final_volume_ml=volume_ml,
        lot="L1",
        use_by=at(1440),
        preparer="staff:nurse",
        code=str(number),
    )


def stopped(minutes: float = 40, ml: str = "50", *, complete: bool = True) -> Entry:
    return entry(DoseStopped(delivered_ml=Decimal(ml), complete=complete), minutes)


def bp(systolic: int, diastolic: int, minutes: float, **more: Any) -> Entry:
    return entry(Vitals(sbp_mmhg=systolic, dbp_mmhg=diastolic, **more), minutes)


def scheduled(minutes: float = -60) -> Entry:
    return entry(SessionScheduled(course=COURSE, number=1, planned_at=T0, chair="3"), minutes)


def timed_out(minutes: float = -10) -> Entry:
    return entry(TimeOut(items=(), second_identifier="birth date", nurse="staff:nurse", chair="3"), minutes)


def dosing(*more: Entry) -> Facts:
    """A session under way: booked, ordered, time-out taken, infusion of 50 mL over 40 minutes started at T0."""
    return facts(SESSION, (scheduled(), entry(order(), -30), timed_out(), started(), *more))


def chart(*entries: Entry) -> Chart:
    return Chart.of(STREAM, entries)
