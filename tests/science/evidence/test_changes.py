"""The answers that were printed are those of the tables, and when one moves the row that moved it is named."""

from lowtide.data.claims import claims
from lowtide.data.evidence import shipped
from lowtide.data.evidence_answers import changes, last
from lowtide.data.evidence_checks import tables
from lowtide.science.evidence.printing import moved, moved_by_name, moved_claims, now
from lowtide.site.evidence import known
from tests.science.evidence.trials import MIDAZOLAM, ONE, Trials

ELEKTD = "trd, response at 28d: ketamine_iv_repeated against ECT (resistant; direct)"


def test_the_printed_answers_are_in_step_with_the_tables() -> None:
    assert not moved(last(), now(known())), "run make docs"
    assert not moved_by_name(last(), now(known())), "run make docs"
    assert not moved_claims(last(), now(known())), "run make docs"
    assert set(last().claims) == set(claims())
    assert changes()[-1].moved == ()


def test_a_changed_row_moves_its_answers_and_is_named() -> None:
    other = known(tables({"outcomes": shipped()["outcomes"].replace("108,55.4,", "50,25.6,")}))
    found = {one.answer: one for one in moved(last(), now(other))}
    assert set(found) == {ELEKTD}
    assert found[ELEKTD].before == "OR 1.77 (1.17 to 2.69), certainty low"
    assert [why.partition(",")[0] for why in found[ELEKTD].why] == ["row changed"]
    assert "ELEKTD2023 KET depression QIDS-SR16 response" in found[ELEKTD].why[0]
    (named,) = moved_by_name(last(), now(other))
    assert named.answer == "response_ect"
    assert named.before == "55 against 41 of 100, OR 1.77, 1.17 to 2.69, certainty low"
    assert named.why == found[ELEKTD].why


def test_a_share_that_only_an_answer_by_name_takes_is_seen_to_move() -> None:
    row = next(line for line in shipped()["pooled"].splitlines() if line.startswith("HAN-24h-RESP"))
    other = known(tables({"pooled": shipped()["pooled"].replace(row, row.replace(",52.2,", ",47.0,"))}))
    (one,) = moved_by_name(last(), now(other))
    assert one.answer == "rate_24h"
    assert one.why == ("row changed, pooled: HAN-24h-RESP",)


def test_a_row_that_turns_a_verdict_is_named_with_it() -> None:
    row = next(line for line in shipped()["pooled"].splitlines() if line.startswith("DEAN-SAL-RESP"))
    weak = row.replace(",3.94,1.54,", ",1.94,0.54,")
    assert weak != row
    after = now(known(tables({"pooled": shipped()["pooled"].replace(row, weak)})))
    found = {one.answer: one for one in moved_claims(last(), after)}
    assert found
    assert all(one.before != one.after and one.before and one.after for one in found.values())
    assert any("DEAN-SAL-RESP" in why for one in found.values() for why in one.why)


def test_rows_that_come_and_go_are_told_apart() -> None:
    before = Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)})
    after = (
        Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)}).add("B", {ONE: (10, 40), MIDAZOLAM: (12, 40)})
    )
    (came,) = moved(now(before.known()), now(after.known()))
    (went,) = moved(now(after.known()), now(before.known()))
    assert all(why.startswith("new row") for why in came.why)
    assert all(why.startswith("row no longer used") for why in went.why)


def test_a_row_that_moves_down_the_file_moves_no_answer() -> None:
    its = shipped()["outcomes"].splitlines()
    turned = "\n".join([its[0], *its[:0:-1]])
    assert not moved(last(), now(known(tables({"outcomes": turned}))))


def test_when_no_row_changed_it_is_the_way_of_working_out() -> None:
    before = now(Trials().add("A", {ONE: (20, 40), MIDAZOLAM: (10, 40)}).known())
    name, answer = next(iter(before.answers.items()))
    other = type(before)(
        before.data, before.rows, {name: type(answer)("OR", 1.0, 0.5, 2.0, "low", ("A",), answer.rows)}
    )
    (found,) = moved(other, before)
    assert found.why == ("no row behind it changed: how answers are worked out did",)
