"""What every protocol's titration rule says after a response and a tolerance, as one table; and laws that hold for all.

The table was read row by row against the protocols' own words; `-` is a protocol that is for reference only.
"""

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.data.protocols import Amount, Protocol, protocol, protocols
from lowtide.pathway.course.response import Outcome, Response, Verdict
from lowtide.pathway.course.state import fold
from lowtide.pathway.course.tolerated import Excess, Tolerated
from lowtide.pathway.plan import titration
from lowtide.pathway.plan.titration import Action, advise
from lowtide.record.entries.care import OrderSigned, Titrated
from tests.pathway.course.story import Story

BORNE = {True: (), None: (), False: (Excess("x", "M13", (), False),)}


def tolerance(well: bool | None) -> Tolerated:
    return Tolerated(
        worst={},
        excesses=BORNE[well],
        events=(),
        stopped_early=False,
        early_because="",
        unknown=("Sedation",) if well is None else (),
    )


def after(fall: int | None) -> Response:
    verdict = Verdict.UNKNOWN if fall is None else Verdict.RESPONSE if fall >= 50 else Verdict.NONE
    pct = None if fall is None else Fraction(fall)
    outcome = () if fall is None else (Outcome.RESPONSE if fall >= 50 else Outcome.NEVER,)
    return Response(
        baseline=None, first_dose_at=None, since=(), outcomes=outcome, latest=verdict, fall_pct=pct
    )


def says(
    plan: Protocol, fall: int | None, well: bool | None, dose: Decimal | None = None
) -> tuple[Action, Decimal | None]:
    assert plan.dose
    last = Amount(plan.dose.value if dose is None else dose, plan.dose.unit)
    action, target, _ = titration._choose(plan, last, after(fall), tolerance(well), (), [])
    return action, target.value if target else None


K, H, R = "continue", "hold", "review"
TABLE: dict[str, tuple[object, ...]] = {
    # no response and borne well; a response; response unknown; bearing unknown; not borne
    "P01": (("step_up", "84"), (K, "56"), (H, "56"), (H, "56"), (R, None)),
    "P02": (("step_up", "56"), (K, "28"), (H, "28"), (H, "28"), (R, None)),
    "P03": ((K, "84"), (K, "84"), (K, "84"), (H, "84"), ("step_down", "56")),
    "P04": (("step_up", "84"), (K, "56"), (H, "56"), (H, "56"), ("step_down", "28")),
    "P05": ((K, "0.5"), (K, "0.5"), (K, "0.5"), (H, "0.5"), (H, "0.5")),
    "P06": ((K, "0.5"), (K, "0.5"), (K, "0.5"), (H, "0.5"), (H, "0.5")),
    "P07": (("step_up", None), (K, "0.5"), (H, "0.5"), (H, "0.5"), (H, "0.5")),
    "P08": ((K, "0.5"), (K, "0.5"), (K, "0.5"), (H, "0.5"), (H, "0.5")),
    "P10": (("step_up", "0.6"), (K, "0.5"), (H, "0.5"), (H, "0.5"), (H, "0.5")),
    "P14": ((K, "0.5"), (K, "0.5"), (K, "0.5"), (H, "0.5"), (H, "0.5")),
    "P15": ((K, "0.5"), (K, "0.5"), (K, "0.5"), (H, "0.5"), (H, "0.5")),
    "P16": (("step_up", None), (K, "0.25"), (H, "0.25"), (H, "0.25"), (H, "0.25")),
    "P17": ((K, "22"), (K, "22"), (K, "22"), (H, "22"), (H, "22")),
    "P18": ((K, "0.35"), (K, "0.35"), (K, "0.35"), (H, "0.35"), (H, "0.35")),
    "P19": ((K, "10"), (K, "10"), (K, "10"), (H, "10"), (H, "10")),
    "P20": ((K, "100"), (K, "100"), (K, "100"), (H, "100"), (H, "100")),
    "P22": ((K, "0.5"), (K, "0.5"), (K, "0.5"), (H, "0.5"), (H, "0.5")),
    "P24": ((K, "0.5"), (K, "0.5"), (K, "0.5"), (H, "0.5"), (H, "0.5")),
    "P26": ((K, "0.5"), (K, "0.5"), (K, "0.5"), (H, "0.5"), (H, "0.5")),
}
CASES: tuple[tuple[int | None, bool | None], ...] = (
    (10, True),
    (60, True),
    (None, True),
    (10, None),
    (10, False),
)


@pytest.mark.parametrize("name", TABLE)
def test_the_rule_says_what_its_source_says(name: str) -> None:
    said = tuple(says(protocol(name), fall, well) for fall, well in CASES)
    assert tuple((action, str(dose) if dose is not None else None) for action, dose in said) == TABLE[name]


def test_every_protocol_that_can_be_planned_is_in_the_table() -> None:
    assert {p.id for p in protocols().values() if not p.reference_only} == set(TABLE)


# -- laws ----------------------------------------------------------------------------------------------------------

plannable = st.sampled_from([p for p in protocols().values() if p.dose is not None])
falls = st.sampled_from([None, -20, 0, 25, 49, 50, 80])
doses = st.decimals(Decimal("0.01"), Decimal(200), places=2)
wells = st.sampled_from([True, None, False])


def most(plan: Protocol) -> Decimal | None:
    assert plan.dose
    return titration._most(plan, plan.dose.unit)


@given(plannable, falls, wells, doses)
def test_nothing_above_a_cap_is_ever_proposed(
    plan: Protocol, fall: int | None, well: bool | None, dose: Decimal
) -> None:
    _, target = says(plan, fall, well, dose)
    top = most(plan)
    assert target is None or top is None or target <= top


@given(plannable, falls, doses)
def test_an_unknown_tolerance_never_proposes_an_increase(
    plan: Protocol, fall: int | None, dose: Decimal
) -> None:
    action, target = says(plan, fall, None, dose)
    assert action != "step_up"
    assert target is None or target <= dose


@given(plannable, falls, doses)
def test_a_worse_tolerance_never_proposes_more(plan: Protocol, fall: int | None, dose: Decimal) -> None:
    ranks = {"review": 0, "step_down": 1, "hold": 2, "continue": 2, "step_up": 3}
    found = [says(plan, fall, well, dose) for well in (True, None, False)]
    order = [ranks[action] for action, _ in found]
    assert order == sorted(order, reverse=True)
    amounts = [amount for _, amount in found if amount is not None]
    assert amounts == sorted(amounts, reverse=True)


@given(plannable, wells, doses)
def test_an_unknown_response_never_proposes_an_increase(
    plan: Protocol, well: bool | None, dose: Decimal
) -> None:
    assert says(plan, None, well, dose)[0] != "step_up"


@given(plannable, falls, wells, doses)
def test_whatever_is_said_has_its_reason(
    plan: Protocol, fall: int | None, well: bool | None, dose: Decimal
) -> None:
    assert plan.dose
    last = Amount(dose, plan.dose.unit)
    action, _, reasons = titration._choose(plan, last, after(fall), tolerance(well), (), [])
    assert action == "continue" or reasons


# -- from one course to the next -----------------------------------------------------------------------------------


def with_dose(story: Story, dose: str, unit: str) -> None:
    kept = Titrated(dose=Decimal(dose), unit=unit, advice="step_up", reasons=())
    for n, draft in enumerate(story.drafts):
        if isinstance(draft.body, OrderSigned):
            story.drafts[n] = msgspec.structs.replace(
                draft, body=msgspec.structs.replace(draft.body, titration=kept)
            )


def test_a_maintenance_course_under_the_same_protocol_goes_on_from_the_last_dose() -> None:
    story = Story().planned(protocol="P01").phq9(20).after(days=1, hours=2).held(1).after(hours=20).phq9(8)
    with_dose(story, "84", "mg")
    story.planned((0,), protocol="P01", phase="maintenance")
    said = advise(story.chart, fold(story.chart), protocol("P01"))
    assert (said.action, said.last) == ("hold", Amount(Decimal(84), "mg"))


@pytest.mark.parametrize(("dose", "action"), [("0.5", "start"), ("0.75", "review")])
def test_maintenance_that_keeps_the_dose_that_worked_is_reviewed_where_its_own_is_another(
    dose: str, action: str
) -> None:
    story = Story().planned(protocol="P07").phq9(20).after(days=1, hours=2).held(1).after(hours=20).phq9(8)
    with_dose(story, dose, "mg/kg")
    for n, draft in enumerate(story.drafts):
        if isinstance(draft.body, OrderSigned):
            story.drafts[n] = msgspec.structs.replace(
                draft, body=msgspec.structs.replace(draft.body, protocol="P07")
            )
    story.planned((0,), protocol="P26", phase="maintenance")
    said = advise(story.chart, fold(story.chart), protocol("P26"))
    assert said.action == action
    assert said.dose is None if action == "review" else said.dose == protocol("P26").dose
