"""Charts made in memory: entries as they would be stored, and a history that leaves no question open."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from lowtide.data import intake
from lowtide.data.policies import policy
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.evaluate.facts import Facts, Requested
from lowtide.pathway.evaluate.rules import Evaluation, evaluate
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Answer, Body, Entry, Source
from lowtide.record.entries.history import HistoryItem, HistoryTaken, Measurement, TreatmentTrial
from lowtide.record.entries.identity import Patient, Sex

STREAM = "chart:p"
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
TRD = Requested("trd", "racemic_ketamine", "iv", "outpatient")
YES, NO, NOT_KNOWN = Answer.YES, Answer.NO, Answer.NOT_KNOWN
VALUES = {
    "phq9": "21", "madrs": "30", "gad7": "8", "pcl5": "10", "ymrs": "2", "moca": "28", "audit_c": "2", "bpic_ss": "3",
    "alt_x_uln": "0.8", "ast_x_uln": "0.9", "tsh_miu_l": "1.8", "spo2_pct": "98", "sbp_mmhg": "124", "dbp_mmhg": "78",
    "child_pugh": "none", "sud_active": "none", "setting": "outpatient", "hcg_result": "negative", "contraception": "pill",
    "lorazepam_eq_mg_day": "0", "mme_day": "0", "sud_remission_days": "0",
}  # fmt: skip
SAID_YES = ("capacity", "consent_signed", "escort", "pdmp_checked")
ELSEWHERE = ("age_years", "sex_at_birth", "weight_kg", "height_cm", "weight_change_pct", "treatment_trials")


def entry(body: Body, days: float = 0, **envelope: Any) -> Entry:
    """An entry so many days before now; later ones of one moment follow by their counter."""
    at = NOW - timedelta(days=days)
    fields: dict[str, Any] = {
        "id": uuid4(),
        "stream": STREAM,
        "seq": 1,
        "kind": body.kind_tag(),
        "at": at,
        "recorded_at": at,
        "by": "staff:test",
        "source": Source.MANUAL,
        "previous": "",
        "body_digest": "",
    }
    return Entry(body=body, **(fields | envelope))


def correction(of: Entry, body: Body) -> Entry:
    return entry(body, corrects=of.id, at=of.at)


def chart(*entries: Entry | Body) -> Chart:
    made = [e if isinstance(e, Entry) else entry(e) for e in entries]
    return Chart.of(STREAM, made)


def said(item: str, answer: Answer, value: str | None = None, **more: Any) -> HistoryItem:
    return HistoryItem(item=item, answer=answer, value=value, **more)


def whole_history(**changes: HistoryItem | None) -> list[Entry]:
    """Every question answered so that nothing speaks against treatment; `changes` by item, dots as two underscores."""
    changed = {name.replace("__", "."): body for name, body in changes.items()}
    answers = {item.id: _answer(item) for item in intake.items().values() if item.id not in ELSEWHERE}
    bodies: list[Body] = [body for body in (answers | changed).values() if body]
    bodies += [
        Patient(family="Testperson", birth_date="1980-05-17", sex=Sex.FEMALE),
        HistoryTaken(items=("problems", "medicines", "allergies", "trials")),
        Measurement(quantity="weight_kg", value=Decimal(73)),
        Measurement(quantity="height_cm", value=Decimal(170)),
        trial("sertraline"),
        trial("venlafaxine"),
    ]
    return [entry(body, days=1, id=UUID(int=n + 1)) for n, body in enumerate(bodies)]


DOSES = {"sertraline": 150, "venlafaxine": 225}
"""A dose a day, mg, that is enough."""


def trial(agent: str, weeks: int | None = 8, **changes: Any) -> TreatmentTrial:
    """An antidepressant of this episode that was taken as prescribed, in full, and did not help."""
    told: dict[str, Any] = {
        "treatment": "antidepressant",
        "daily_dose_mg": Decimal(DOSES.get(agent, 300)),
        "weeks": None if weeks is None else Decimal(weeks),
        "minimum_effective_dose": YES,
        "current_episode": YES,
        "adherence": "good",
        "result": "none",
    }
    return TreatmentTrial(agent=agent, **(told | changes))


def _answer(item: intake.Item) -> HistoryItem | None:
    if not item.ask:
        return None
    if item.id in VALUES:
        return said(item.id, YES, VALUES[item.id], date="2026-11-21" if item.id == "hcg_result" else None)
    if item.id in SAID_YES or item.id.startswith("workup."):
        return said(item.id, YES)
    if item.kind in ("number", "choice", "word"):
        return None
    return said(item.id, NO)


def facts(of: Chart | Iterable[Entry]) -> Facts:
    return facts_from_chart(of if isinstance(of, Chart) else Chart.of(STREAM, of), TODAY, ZONE)


def judged(of: Chart | Iterable[Entry], profile: str = "default") -> Evaluation:
    return evaluate(facts(of), TRD, policy(profile), TODAY)
