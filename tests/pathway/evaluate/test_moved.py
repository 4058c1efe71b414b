"""What moved between two evaluations is the difference of the two, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from lowtide.pathway.evaluate.deciding.moved import Moved, Summary, as_decided, moved, summary
from lowtide.record.entries.care import CandidacyDecided, FindingKept
from tests.pathway.evaluate.charts import YES, entry, judged, said, whole_history

DECISIONS = st.sampled_from(["eligible", "conditional", "defer", "not_eligible"])
RULES = st.sampled_from(["C001", "C010", "C055", "C070"])
SUMMARIES = st.builds(
    Summary,
    DECISIONS,
    st.booleans(),
    st.dictionaries(RULES, DECISIONS),
    st.lists(st.sampled_from(["moca", "dx.tia", "ymrs"]), unique=True).map(tuple),
)


@given(SUMMARIES)
def test_nothing_moves_from_an_evaluation_to_itself(one: Summary) -> None:
    assert not moved(one, one)


@given(SUMMARIES, SUMMARIES)
def test_the_way_back_undoes_the_way_there(one: Summary, other: Summary) -> None:
    there, back = moved(one, other), moved(other, one)
    assert (set(there.new), set(there.learned)) == (set(back.gone), set(back.forgotten))
    assert set(there.changed) == set(back.changed)
    assert there.turned is back.turned


def test_a_new_finding_and_a_turned_decision_are_named() -> None:
    before = summary(judged(whole_history()))
    after = summary(judged([*whole_history(), entry(said("dx.tia", YES, "past"))]))
    assert moved(before, after) == Moved("eligible", "defer", ("C010",), (), (), (), ())


def test_a_decision_keeps_enough_to_be_compared() -> None:
    made = judged(whole_history(moca=None))
    body = CandidacyDecided(
        decision="defer",
        suggested=made.decision,
        indication="trd",
        product="racemic_ketamine",
        route="iv",
        policy="default 1",
        rules_version=made.rules_version,
        findings=tuple(FindingKept(f.rule.id, f.decision, f.reason) for f in made.findings),
        known={"chart:p": 1},
        missing=tuple(m.item for m in made.missing),
    )
    assert body.missing == ("moca",)
    assert not moved(as_decided(body), summary(made))
