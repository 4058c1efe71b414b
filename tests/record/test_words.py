"""Every kind of entry can be told in plain words, on one line."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from lowtide.record.entries import words
from lowtide.record.entries.base import Answer, Body, Entry, Redacted, Source, Unreadable
from lowtide.record.entries.care import NextSessionDecided, OrderSigned, Total
from lowtide.record.entries.chair import DoseStopped, Note, RateChanged, Rating, SessionScheduled, Vitals
from lowtide.record.entries.clinic import Staff
from lowtide.record.entries.history import (
    Allergy,
    Diagnosis,
    HistoryItem,
    Measurement,
    Medicine,
    ProblemStatus,
    Result,
)
from lowtide.record.entries.identity import Patient, Sex
from lowtide.record.entries.kinds import KINDS

AT = datetime(2026, 11, 3, 9, 41, tzinfo=UTC)
BERLIN = timezone(timedelta(hours=1))


def entry(body: Any, kind: str | None = None) -> Entry:
    return Entry(
        id=uuid4(),
        stream="chart:a",
        seq=1,
        kind=kind or body.kind_tag(),
        at=AT,
        recorded_at=AT,
        by="staff:x",
        source=Source.MANUAL,
        previous="",
        body_digest="",
        body=body,
    )


TOLD = [
    (
        Vitals(sbp_mmhg=128, dbp_mmhg=80, spo2_pct=98, site="left arm"),
        "128/80 mmHg, oxygen saturation 98 %, left arm",
    ),
    (Vitals(heart_rate_bpm=72, on_oxygen=True), "heart rate 72/min, on oxygen"),
    (
        Measurement(quantity="weight_kg", value=Decimal("69.9"), read_value=Decimal(154), read_unit="lb"),
        "69.9 kg, read as 154 lb",
    ),
    (Diagnosis(label="stroke", status=ProblemStatus.REFUTED), "not: stroke"),
    (Diagnosis(label="stroke", status=ProblemStatus.PAST, onset="2012-05"), "stroke, past, since May 2012"),
    (Medicine(name="sertraline", status=ProblemStatus.ACTIVE, dose="100 mg"), "sertraline, 100 mg"),
    (Allergy(substance="any", status=ProblemStatus.REFUTED), "no known allergies"),
    (HistoryItem(item="family_psychosis", answer=Answer.NOT_KNOWN), "family psychosis: not known"),
    (Result(label="ALT", value=Decimal(22), unit="U/L", abnormal=Answer.YES), "ALT 22 U/L, abnormal"),
    (Result(label="Potassium", value=Decimal("4.4427"), unit="mmol/L"), "Potassium 4.44 mmol/L"),
    (Total(instrument="NRS", value=Decimal("2.3189228701276896")), "NRS 2.32"),
    (
        SessionScheduled(number=3, course=uuid4(), planned_at=AT, chair="1"),
        "session 3, 3 Nov 2026, 10:41, chair 1",
    ),
    (RateChanged(rate_ml_per_h=Decimal(0)), "paused"),
    (DoseStopped(delivered_ml=Decimal("36.5"), complete=False), "36.5 mL went in, before its end"),
    (Rating(scale="pain", value=Decimal(4)), "pain, 0 to 10: 4"),
    (NextSessionDecided(choice="next", planned_at=AT), "As the protocol proposes, 3 Nov 2026, 10:41"),
    (
        Patient(family="Halvorsen", given="Ines", birth_date="1983", sex=Sex.FEMALE),
        "Ines Halvorsen, female, born 1983",
    ),
    (Note(text="Slept\n\nwell."), "Slept well."),
]


@pytest.mark.parametrize(("body", "line"), TOLD)
def test_an_entry_is_told_as_a_colleague_would(body: Body, line: str) -> None:
    assert words.summary(entry(body), BERLIN) == line


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Decimal("0.90"), "0.90"),
        (Decimal("0.00012345"), "0.000123"),
        (5.0, "5"),
        (-0.718686, "-0.719"),
        (1e30, "1e+30"),
    ],
)
def test_a_number_is_told_as_short_as_it_is_read(value: Decimal | float, told: str) -> None:
    assert words.brief(value) == told


def test_an_order_is_told_with_every_unit() -> None:
    order = OrderSigned(
        course=uuid4(),
        protocol="P05",
        protocol_version="1",
        drug="ketamine",
        route="iv",
        dose_mg=Decimal("36.5"),
        dose_mg_per_kg=Decimal("0.5"),
        weight_kg=Decimal(73),
        weight_entry=uuid4(),
        duration_min=Decimal(40),
        vial_mg_per_ml=Decimal(50),
        vial_volume_ml=Decimal("0.73"),
        diluent_ml=Decimal("49.27"),
        final_volume_ml=Decimal(50),
        rate_ml_per_h=Decimal(75),
        policy="default",
        printed_name="Hanne Voss",
    )
    assert words.summary(entry(order)) == (
        "36.5 mg racemic ketamine intravenous over 40 min, 0.5 mg/kg at 73 kg, 50 mL at 75 mL/h, signed Hanne Voss"
    )


def test_a_long_note_is_cut_and_says_so() -> None:
    told = words.summary(entry(Note(text="word " * 200)))
    assert told.endswith(" …")
    assert len(told) < 300


def test_what_is_gone_or_unknown_is_said() -> None:
    assert "redaction" in words.summary(entry(Redacted(), "note.1"))
    assert "newer Lowtide" in words.summary(entry(Unreadable("hologram.1", b"{}"), "hologram.1"))


def test_a_kind_without_its_own_words_is_still_told() -> None:
    staff = Staff(staff=uuid4(), name="Sam", roles=("nurse",), login="sam")
    assert "name Sam" in words.summary(entry(staff))
    assert words.label(entry(staff)) == "Staff"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_name_a_person_would_use(kind: str) -> None:
    named = words.kind_label(kind.rpartition(".")[0])
    assert named[0].isupper()
    assert "_" not in named


def test_a_date_names_its_month() -> None:
    assert [words.day(d) for d in ("1983-03-14", "1983-03", "1983")] == ["14 Mar 1983", "Mar 1983", "1983"]
