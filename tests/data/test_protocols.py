"""Protocols say what their sources say, and planning is told what they do not."""

import re

import pytest

from lowtide.data.protocols import FINDINGS, GRADES, Protocol, every, protocol, protocols, version
from lowtide.data.vocabulary import words
from lowtide.problems import BadInput

PLANNED = [p for p in protocols().values() if not p.reference_only]


def test_every_published_row_is_there() -> None:
    assert list(protocols()) == [f"P{n:02}" for n in range(1, 29)]


def test_files_are_named_after_their_protocol() -> None:
    assert all(re.fullmatch(r"[0-9a-f]{12}", version(name)) for name in protocols())
    assert len({version(name) for name in protocols()}) == 28


@pytest.mark.parametrize("one", protocols().values(), ids=lambda p: p.id)
def test_its_words_are_the_products_words(one: Protocol) -> None:
    assert one.product in words()["product"]
    assert one.route is None or one.route in words()["route"]
    assert set(one.indications) <= set(words()["indication"])


@pytest.mark.parametrize("one", protocols().values(), ids=lambda p: p.id)
def test_unverified_names_fields_that_exist(one: Protocol) -> None:
    assert set(one.unverified) <= set(Protocol.__struct_fields__)
    assert one.source


@pytest.mark.parametrize("one", protocols().values(), ids=lambda p: p.id)
def test_each_condition_has_its_evidence_with_a_grade_and_what_it_found(one: Protocol) -> None:
    assert [e.indication for e in one.evidence] == list(one.indications)
    assert all(e.grade in GRADES and e.finding in FINDINGS for e in one.evidence)


def test_a_null_result_is_said_plainly_beside_the_positive_one() -> None:
    assert protocol("P15").evidence[0].finding == "no_benefit"
    assert protocol("P14").beside == ("P15",)
    assert "no benefit" in protocol("P14").evidence[0].text


@pytest.mark.parametrize(
    ("name", "because", "then", "after"),
    [("P05", "no_response", "stop", 6), ("P07", "no_response", "stop", 4), ("P01", "end_of_induction", "review", 8)],
)  # fmt: skip
def test_stopping_rules_hold_their_numbers(name: str, because: str, then: str, after: int) -> None:
    rule = protocol(name).stopping[0]
    assert (rule.because, rule.then, rule.after_sessions) == (because, then, after)


@pytest.mark.parametrize("one", [p for p in PLANNED if p.titration], ids=lambda p: p.id)
def test_a_titration_names_where_it_leads(one: Protocol) -> None:
    """Steps are listed, a range has two ends, an increment its size."""
    assert one.titration
    if one.titration.how in ("steps", "reduce"):
        assert len(one.dose_steps) > 1
    if one.titration.how == "range":
        assert one.dose_min
        assert one.dose_max
    if one.titration.how == "increment":
        assert one.titration.increment


def test_the_words_of_a_source_are_never_the_rule_itself() -> None:
    notes = [name for name in Protocol.__struct_fields__ if name.endswith("_note")]
    assert {"titration_note", "maintenance_note", "stopping_note", "evidence_note"} <= set(notes)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("P09", "schedule"), ("P11", "dose"), ("P12", "schedule"), ("P13", "number of sessions"), ("P21", "dose"),
        ("P23", "infusion time"), ("P25", "schedule"), ("P27", "schedule"), ("P28", "dose"),
    ],
)  # fmt: skip
def test_a_protocol_for_reference_only_names_what_is_missing(name: str, missing: str) -> None:
    assert missing in protocol(name).missing


def test_the_others_can_be_planned() -> None:
    assert {p.id for p in PLANNED} == set(protocols()) - {
        "P09",
        "P11",
        "P12",
        "P13",
        "P21",
        "P23",
        "P25",
        "P27",
        "P28",
    }


@pytest.mark.parametrize("one", PLANNED, ids=lambda p: p.id)
def test_its_schedule_adds_up(one: Protocol) -> None:
    schedule = one.schedule
    assert schedule
    assert schedule.sessions
    if schedule.per_week and schedule.weeks:
        assert schedule.sessions == schedule.per_week * schedule.weeks
    if schedule.gaps_days:
        assert schedule.sessions == len(schedule.gaps_days) + 1
    assert schedule.sessions == 1 or one.min_interval_h


@pytest.mark.parametrize(
    ("name", "figures"),
    [("P21", ("0.42 mg/kg/h", "0.4 mg/kg in all", "cannot be merged")), ("P13", ("open",)), ("P27", ("80 mg", "open"))],
)  # fmt: skip
def test_figures_that_make_no_one_dose_are_kept_as_the_sources_words(
    name: str, figures: tuple[str, ...]
) -> None:
    assert all(figure in protocol(name).dose_note for figure in figures)


@pytest.mark.hazard("H011")
@pytest.mark.parametrize("one", every().values(), ids=lambda p: p.id)
def test_every_row_has_both_ceilings_or_says_why_not(one: Protocol) -> None:
    for name in ("max_mg", "max_mg_per_kg"):
        assert (getattr(one, name) is None) is (name in one.no_ceiling)
        assert getattr(one, name) is None or name in one.unverified or one.product == "esketamine_nasal"


@pytest.mark.hazard("H011")
@pytest.mark.parametrize("one", PLANNED, ids=lambda p: p.id)
def test_it_has_a_ceiling_in_milligrams(one: Protocol) -> None:
    assert one.max_mg
    assert "max_mg" in one.unverified or one.product == "esketamine_nasal"


@pytest.mark.parametrize("one", PLANNED, ids=lambda p: p.id)
def test_its_dose_lies_in_its_range(one: Protocol) -> None:
    assert one.dose
    for bound, sign in ((one.dose_min, 1), (one.dose_max, -1)):
        if bound:
            assert bound.unit == one.dose.unit
            assert sign * (one.dose.value - bound.value) >= 0


@pytest.mark.parametrize("one", [p for p in PLANNED if p.device_mg], ids=lambda p: p.id)
def test_a_nasal_dose_is_a_whole_number_of_devices(one: Protocol) -> None:
    assert one.dose
    assert one.device_mg
    assert all(dose % one.device_mg == 0 for dose in (*one.dose_steps, one.dose.value))


@pytest.mark.hazard("H004")
def test_an_enantiomer_is_always_said() -> None:
    assert all(one.enantiomer for one in protocols().values())
    assert "product" in protocol("P17").unsettled


def test_recalled_values_stay_marked() -> None:
    assert {"dose", "over_min", "schedule"} <= set(protocol("P07").unverified)
    assert "min_interval_h" in protocol("P05").unverified
    assert not protocol("P07").verified


def test_an_unknown_protocol_names_the_choices() -> None:
    with pytest.raises(BadInput, match="P05"):
        protocol("P99")
