"""Ines Halvorsen's eighth morning: 36.5 mg of ketamine from V-0311 at 10:02, 40.0 mg drawn, 3.5 mg wasted."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from lowtide.data.safe import products
from lowtide.documents.loading import sources_of
from lowtide.documents.papers.making import make, make_all
from lowtide.documents.papers.model import Document
from lowtide.documents.papers.sources import Sources
from lowtide.pathway.session.actions import charting, closing, dosing, giving, preparing
from lowtide.people.charts import whole_chart
from lowtide.people.clinic import CLINIC
from lowtide.record import store
from lowtide.record.entries.base import Answer, Entry
from lowtide.record.entries.care import ProgramEnrolled
from lowtide.record.entries.clinic import Clinic, SiteCertified, Staff
from lowtide.record.entries.papers import Correspondent, Letterhead
from lowtide.safe.actions import session as safe_session
from lowtide.safe.actions import stock
from lowtide.safe.actions.common import Act as SafeAct
from lowtide.safe.actions.session import Waste
from tests.conftest import said
from tests.pathway.session.conftest import person, register
from tests.pathway.session.making import devices

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 22, 9, 2, tzinfo=UTC)  # 10:02 in the clinic
LOT, KETAMINE, NASAL, REMS = "V-0311", "ketamine_50_10", "esketamine_nasal_28", "spravato_rems"
ALL_WELL = dict.fromkeys(
    ("oriented", "steady_gait", "nausea_controlled", "cadss_near_baseline", "cssrs_repeated", "escort_present", "advice_given"),
    Answer.YES,
)  # fmt: skip


class Morning:
    """One session from the booking to the signature, with the safe beside it."""

    def __init__(self, country: str = "", protocol: str = "P05") -> None:
        at = START - timedelta(days=30)
        if country:
            body = Clinic(name="North Quay Clinic", zone="Europe/Berlin", country=country, crisis_line="988")
            store.append([said(body, CLINIC)])
        self.care = register(START, family="Halvorsen", protocol=protocol)
        self.witness = person("nurse", "P. Nair")
        self.director = person("medical_director", "Dora Director")
        people = (self.care.nurse, self.care.prescriber, self.witness, self.director)
        staff = [
            Staff(staff=UUID(p.by.removeprefix("staff:")), name=p.name, roles=p.roles, login=p.name)
            for p in people
        ]
        store.append([said(one, CLINIC, at=at) for one in staff])
        stock.open_safe(self.safe(-20_000, self.director), name="Main safe")

    def safe(self, minutes: float, who: Any = None) -> SafeAct:
        return SafeAct(
            person=who or self.care.nurse, place="main", witness=self.witness, now=self.care.at(minutes)
        )

    def letterhead(self) -> None:
        body = Letterhead(
            address="1 Quay",
            city="Northport",
            region="ME",
            postcode="04101",
            phone="555 0101",
            numbers={"NPI": "1234567893"},
        )
        store.append([said(body, CLINIC, at=START - timedelta(days=20))])

    def correspondent(self, agreed: Answer = Answer.YES) -> Entry:
        body = Correspondent(name="Dr K. Lindahl", role="family_doctor", agreed=agreed, address="2 Hill Road")
        return self.care.write(body, -5_000)

    def infusion(self, *, signed: bool = True) -> "Morning":
        """All of the story."""
        self.begin()
        self.end()
        if signed:
            self.sign()
        return self

    def begin(self) -> None:
        care = self.care
        stock.receive(
            self.safe(-15_000),
            product=KETAMINE,
            lot=LOT,
            expires=date(2028, 8, 31),
            supplier="Harbor Supply",
            containers=2,
        )
        care.prepare()
        fields = {"key": (KETAMINE, LOT), "quantity": Decimal("0.80")}
        (self.draw,) = safe_session.draw(self.safe(-14), patient=care.patient, session=care.session, **fields)
        care.begin()
        care.measure(10, sbp_mmhg=143, dbp_mmhg=88, heart_rate_bpm=84, spo2_pct=97)
        charting.rating(care.act(20), scale="dissociation", value=Decimal(4))
        charting.rating(care.act(21), scale="moaas", value=Decimal(5))

    def end(self, escort: str = "Jonas Halvorsen") -> None:
        care = self.care
        dosing.stop(care.act(40), delivered_ml=Decimal(50), complete=True)
        rest = (Waste(Decimal("0.07"), "residual", "sequestration"),)
        safe_session.account(self.safe(45), draw=self.draw.id, given=Decimal("0.73"), wasted=rest)
        care.measure(155, sbp_mmhg=124, dbp_mmhg=79, heart_rate_bpm=72, spo2_pct=98)
        charting.rating(care.act(158), scale="aldrete", value=Decimal(10))
        charting.rating(care.act(159), scale="dissociation", value=Decimal(0))
        closing.discharge(care.act(167), answers=ALL_WELL, escort=escort)

    def sign(self, minutes: float = 175) -> None:
        closing.sign(self.care.act(minutes), printed_name=self.care.nurse.name)

    def devices(self, *, signed: bool = True) -> "Morning":
        """Two nasal devices of 28 mg instead, in a clinic whose programme asks for a form."""
        care = self.care
        mg = products()[NASAL].mg_per_unit
        assert mg == 28
        stock.receive(
            self.safe(-15_000),
            product=NASAL,
            lot="E-77",
            expires=date(2028, 8, 31),
            supplier="Harbor Supply",
            containers=4,
        )
        care.book()
        site = SiteCertified(program=REMS, certificate="HCS-1", certified_on="2026-01-10")
        store.append([said(site, CLINIC, at=care.at(-3000))])
        care.write(ProgramEnrolled(program=REMS, enrolment="E-77", enrolled_on="2026-11-01"), -2000)
        care.write(devices(2), -40, session=care.session)
        care.measure(-8)
        care.time_out(-5)
        (self.draw,) = safe_session.draw(
            self.safe(-14),
            key=(NASAL, "E-77"),
            quantity=Decimal(2),
            patient=care.patient,
            session=care.session,
        )
        read: dict[str, Any] = {
            "each_mg": Decimal(28),
            "count": Decimal(2),
            "expires": date(2028, 8, 31),
            "lot": "E-77",
        }
        preparing.check_preparation(
            care.act(-4),
            other=care.prescriber,
            prepared_by_me=True,
            typed="1983-03-14",
            drug="esketamine",
            read=read,
        )
        for number in (1, 2):
            giving.give(care.act(5 * (number - 1)), number=number)
        safe_session.account(self.safe(12), draw=self.draw.id, given=Decimal(2))
        care.measure(41, sbp_mmhg=150, dbp_mmhg=90, heart_rate_bpm=84, spo2_pct=96)
        charting.rating(care.act(42), scale="dissociation", value=Decimal(6))
        charting.rating(care.act(43), scale="moaas", value=Decimal(4))
        care.measure(118, sbp_mmhg=128, dbp_mmhg=82, heart_rate_bpm=76, spo2_pct=98)
        charting.rating(care.act(119), scale="dissociation", value=Decimal(0))
        charting.rating(care.act(119.5), scale="moaas", value=Decimal(5))
        charting.rating(care.act(120), scale="aldrete", value=Decimal(10))
        closing.discharge(care.act(125), answers=ALL_WELL, escort="Jonas Halvorsen")
        if signed:
            self.sign()
        return self

    @property
    def sources(self) -> Sources:
        return sources_of(whole_chart(self.care.stream), self.care.session, BERLIN)

    def document(self, name: str) -> Document:
        made = make(self.sources, name)
        assert isinstance(made, Document), made
        return made

    def documents(self) -> dict[str, Document]:
        return {name: made for name, made in make_all(self.sources).items() if isinstance(made, Document)}


def text(document: Document) -> str:
    """Everything that a document says."""
    cells = [f"{f.label}: {f.text} {f.note}" for f in document.fields()]
    return "\n".join([document.title, *(p.title for p in document.parts), *cells])
