"""A complete history of an invented person with treatment-resistant depression and nothing that stands in the way (pure)."""

from decimal import Decimal

from lowtide.data import intake
from lowtide.record.entries.base import Answer, Body, Coding
from lowtide.record.entries.history import (
    Allergy,
    DepressiveEpisode,
    Diagnosis,
    HistoryItem,
    HistoryTaken,
    Measurement,
    Medicine,
    ProblemStatus,
    Result,
    TreatmentTrial,
)
from lowtide.virtual.people import SyntheticPerson

YES = {
    "capacity",
    "consent_signed",
    "escort",
    "pdmp_checked",
    "workup.cssrs",
    "workup.lut_questionnaire",
    "workup.medication_reconciliation",
    "workup.urinalysis",
    "workup.uds",
    "workup.renal",
}
VALUES = {
    "madrs": "31",
    "ymrs": "2",
    "moca": "28",
    "bpic_ss": "3",
    "audit_c": "1",
    "child_pugh": "none",
    "contraception": "copper coil",
    "setting": "outpatient",
    "sud_active": "none",
    "first_line_failed": "2",
    "lorazepam_eq_mg_day": "0",
    "mme_day": "0",
}
MEASURED = {
    "age_years",
    "sex_at_birth",
    "weight_kg",
    "weight_change_pct",
    "height_cm",
    "sbp_mmhg",
    "dbp_mmhg",
    "spo2_pct",
}
LISTS = ("problems", "medicines", "allergies", "trials")


def lists(person: SyntheticPerson, *, half: bool = False) -> list[Body]:
    """Diagnosis, medicine, allergy, earlier treatments, weight and height.

    Of a history half taken one problem is recognised by nobody yet and another may be several; nobody has yet asked how the last treatment was taken, and what came of it.
    """
    code = Coding(
        "http://hl7.org/fhir/sid/icd-10-cm", "F33.2", "Major depressive disorder, recurrent, severe"
    )
    yes = Answer.YES
    return [
        Diagnosis(
            label="Recurrent severe depression",
            status=ProblemStatus.ACTIVE,
            codings=(code,),
            keys=("mdd",),
            onset="2019-03",
        ),
        *(_more_problems() if half else ()),
        Medicine(
            name="sertraline",
            status=ProblemStatus.ACTIVE,
            dose="150 mg daily",
            daily_dose_mg=Decimal(150),
            started="2025-11",
        ),
        Allergy(substance="any", status=ProblemStatus.REFUTED),
        DepressiveEpisode(started="2024-09", severity="severe" if person.seed % 3 else "moderate"),
        *_earlier(person),
        *(_many_more() if person.seed % 7 == 3 and not half else ()),
        TreatmentTrial(
            agent="escitalopram",
            treatment="antidepressant",
            adherence="good",
            result="none",
            told_by="pharmacy",
            stopped_because="no effect",
            dose="20 mg",
            weeks=Decimal(8),
            minimum_effective_dose=yes,
            current_episode=yes,
            outcome="no response",
        ),
        TreatmentTrial(
            agent="venlafaxine",
            treatment="antidepressant",
            adherence=None if half else "good",
            result=None if half else "partial",
            improvement_pct=None if half else Decimal(20),
            told_by="record",
            dose="225 mg",
            weeks=Decimal(10),
            minimum_effective_dose=yes,
            current_episode=yes,
            outcome=None if half else "partial response",
        ),
        Measurement(quantity="height_cm", value=person.height_cm),
    ]


WITH_IT = (
    (),
    (
        ("Imovane 7.5 mg film-coated tablet", "7.5 mg at night", "7.5", True),
        ("zopiclone", "3.75 mg at night, when needed", "3.75", False),
        ("Ramipril-ratiopharm 5 mg", "5 mg in the morning", "5", True),
    ),
    (
        ("Lamictal", "100 mg in the morning", "100", False),
        ("L-Thyroxin Henning 75", "75 µg", None, True),
        ("Klaricid 500 mg", "500 mg twice a day", "1000", True),
    ),
    (
        ("Elvanse Adult 30 mg", "30 mg in the morning", "30", True),
        ("Catapresan", "75 µg at night", None, False),
    ),
)
"""What some take besides: name as written, dose, mg a day, and whether it came from elsewhere."""
UNMATCHED = (
    ("Klarithromycin 500", "one, twice a day until Friday", None, True),
    ("Evening tea", "one cup", None, False),
)


def _more_problems() -> list[Body]:
    """What stands on a list as people write it: one that no rule asks about, one that may be several, one nobody knows."""
    said = ("Hypothyroidism", "Glaucoma", "Raynaud’s phenomenon")
    return [Diagnosis(label=label, status=ProblemStatus.ACTIVE) for label in said]


def other_medicines(person: SyntheticPerson, *, half: bool) -> tuple[list[Body], list[Body]]:
    """(typed, from elsewhere): what this person takes besides; of a history half taken some nobody recognised yet."""
    told = UNMATCHED if half else WITH_IT[person.seed % len(WITH_IT)]
    found = [(_medicine(*one[:3]), one[3]) for one in told]
    return [body for body, came in found if not came], [body for body, came in found if came]


def _medicine(name: str, dose: str, daily_mg: str | None) -> Medicine:
    daily = Decimal(daily_mg) if daily_mg else None
    return Medicine(name=name, status=ProblemStatus.ACTIVE, dose=dose, daily_dose_mg=daily)


def _earlier(person: SyntheticPerson) -> list[Body]:
    """What some of them tried besides: a dose too low, an augmentation, a therapy, an earlier episode; a record to ask about."""
    yes, no = Answer.YES, Answer.NO
    told: list[Body] = [
        TreatmentTrial(
            agent="fluoxetine",
            treatment="antidepressant",
            daily_dose_mg=Decimal(10),
            weeks=Decimal(5),
            current_episode=yes,
            result="none",
            stopped_because="nausea",
            told_by="patient",
        ),
        TreatmentTrial(
            agent="lithium",
            treatment="augmentation",
            daily_dose_mg=Decimal(800),
            weeks=Decimal(7),
            minimum_effective_dose=yes,
            current_episode=yes,
            adherence="good",
            result="partial",
            told_by="record",
        ),
        TreatmentTrial(
            agent="cognitive behavioural therapy",
            treatment="psychotherapy",
            sessions=16,
            started="2025-02",
            stopped="2025-07",
            current_episode=yes,
            improvement_pct=Decimal(15),
            told_by="patient",
        ),
        TreatmentTrial(
            agent="paroxetine",
            treatment="antidepressant",
            daily_dose_mg=Decimal(30),
            weeks=Decimal(40),
            minimum_effective_dose=yes,
            started="2019-04",
            stopped="2020",
            current_episode=no,
            adherence="good",
            result="remission",
            told_by="patient",
        ),
        Medicine(
            name="mirtazapine 30 mg tablet",
            status=ProblemStatus.PAST,
            dose="30 mg",
            started="2024-10",
            stopped="2025-01",
        ),
    ]
    return [body for place, body in enumerate(told) if (person.seed + place) % 3]


def _many_more() -> list[Body]:
    """Further adequate antidepressants of this episode: some have failed more than two."""
    given = (("bupropion", "300"), ("duloxetine", "60"), ("agomelatine", "50"))
    return [
        TreatmentTrial(
            agent=agent,
            treatment="antidepressant",
            daily_dose_mg=Decimal(dose),
            weeks=Decimal(9),
            minimum_effective_dose=Answer.YES,
            current_episode=Answer.YES,
            adherence="good",
            result="none",
            told_by="pharmacy",
        )
        for agent, dose in given
    ]


def answers(person: SyntheticPerson, share: float = 1.0) -> list[Body]:
    """The items of the intake as answered, and the entry that says they were asked; `share` of them, in order."""
    asked = [item for item in intake.items().values() if item.ask and item.id not in MEASURED]
    asked = asked[: round(len(asked) * share)]
    said = [body for item in asked if (body := _answer(item, person)) is not None]
    whole = LISTS if share == 1 else ()
    return [*said, HistoryTaken(items=(*(item.id for item in asked), *whole))]


def _answer(item: intake.Item, person: SyntheticPerson) -> HistoryItem | None:
    if item.id == "childbearing_potential":
        return HistoryItem(item=item.id, answer=Answer.YES if person.female else Answer.NO)
    if item.id in VALUES:
        return HistoryItem(item=item.id, answer=Answer.YES, value=VALUES[item.id])
    if item.id == "dx.mdd":
        return HistoryItem(item=item.id, answer=Answer.YES, value="active")
    if item.kind in ("number", "choice", "word", "trials"):
        return None
    return HistoryItem(item=item.id, answer=Answer.YES if item.id in YES else Answer.NO)


def workup(person: SyntheticPerson) -> list[Body]:
    """Results of the baseline work-up, all in range."""
    numbers = (
        ("ALT", "alt_u_l", "24", "U/L", "45"),
        ("AST", "ast_u_l", "22", "U/L", "40"),
        ("ALP", "alp_u_l", "71", "U/L", "120"),
        ("GGT", "ggt_u_l", "19", "U/L", "55"),
        ("Creatinine", "creatinine_mg_dl", "0.9", "mg/dL", "1.2"),
        ("TSH", "tsh_miu_l", "1.8", "mIU/L", "4"),
    )
    results: list[Body] = [
        Result(
            label=label,
            test=test,
            value=Decimal(value),
            unit=unit,
            reference_high=Decimal(high),
            abnormal=Answer.NO,
        )
        for label, test, value, unit, high in numbers
    ]
    results.append(Result(label="ECG", test="ecg", text="sinus rhythm, no abnormality", abnormal=Answer.NO))
    if person.female:
        results.append(pregnancy_test())
    return results


def pregnancy_test() -> Result:
    return Result(label="Pregnancy test", test="hcg", text="negative", abnormal=Answer.NO)
