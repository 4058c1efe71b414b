"""Evaluating everybody again: what it says, what is stale, that it stops, goes on, and does nothing twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from lowtide.data.policies import policies
from lowtide.data.vocabulary import words
from lowtide.pathway.evaluate.deciding.moved import summary
from lowtide.pathway.evaluate.everybody import keeping, nightly, running
from lowtide.pathway.evaluate.everybody.comparing import compared
from lowtide.pathway.evaluate.models import Reevaluated, Reevaluation
from lowtide.people.clinic import CLINIC
from lowtide.record import access_log, store
from lowtide.record.chart import Chart
from lowtide.record.entries.base import Body
from lowtide.record.entries.care import CandidacyDecided, FindingKept
from lowtide.record.entries.chair import DoseStarted
from lowtide.record.entries.clinic import PolicyAdopted
from lowtide.record.entries.identity import Linked
from tests.conftest import said as draft
from tests.pathway.evaluate.charts import (
    NOT_KNOWN,
    TODAY,
    TRD,
    YES,
    ZONE,
    chart,
    entry,
    judged,
    said,
    whole_history,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TIA = said("dx.tia", YES, "past")
pytestmark = pytest.mark.usefixtures("clinic")


def decision(made_on: list[Body] | None = None, profile: str = "default", **more: object) -> CandidacyDecided:
    """A prescriber's decision, as the rules suggested it on this history."""
    made = judged([*whole_history(), *(entry(b) for b in made_on or ())], profile)
    short = summary(made)
    fields = {
        "decision": short.decision, "suggested": short.decision, "indication": TRD.indication,
        "product": TRD.product, "route": TRD.route, "policy": f"{profile} 1",
        "rules_version": made.rules_version, "known": {"chart:p": 1}, "missing": short.missing,
        "findings": tuple(FindingKept(f.rule.id, f.decision, f.reason) for f in made.findings),
    }  # fmt: skip
    return CandidacyDecided(**(fields | more))  # type: ignore[arg-type]


def person(*more: Body) -> str:
    """A chart with a whole history and more; its stream."""
    stream = f"chart:{uuid4()}"
    first = [draft(e.body, stream, at=NOW - timedelta(hours=3)) for e in whole_history()]
    later = [draft(b, stream, at=NOW - timedelta(hours=2 - n / 9)) for n, b in enumerate(more)]
    store.append([*first, *later], now=NOW)
    return stream


def adopt(name: str) -> None:
    body = PolicyAdopted(policy=name, version=policies()[name].version, overrides={})
    store.append([draft(body, CLINIC, at=NOW)], now=NOW)


def do_all(key: object = None, now: datetime = NOW) -> Reevaluation:
    run = running.start("staff:test", str(key or uuid4()), now)
    for share in range(2):
        running.do_share(run.key, share, 2, lambda: True, lambda: now)
    running.settle(run, now)
    return Reevaluation.objects.get(key=run.key)


def row(stream: str) -> Reevaluated:
    return Reevaluated.objects.get(key=stream)


# -- what it says ---------------------------------------------------------------------------------------------


def test_a_decision_on_what_still_holds_has_not_moved() -> None:
    outcome = compared(chart(*whole_history(), decision()), policies()["default"], TODAY, ZONE)
    assert outcome.how == "same"


def test_a_stricter_policy_makes_it_worse_and_says_through_which_rule() -> None:
    made = chart(*whole_history(), entry(TIA, days=0.5), decision([TIA]))
    outcome = compared(made, policies()["strict"], TODAY, ZONE)
    assert outcome.said
    assert (outcome.how, outcome.said.then.decision, outcome.said.now.decision) == (
        "worse",
        "defer",
        "not_eligible",
    )
    assert outcome.said.moved.changed == ("C010",)


def test_the_way_back_makes_it_better() -> None:
    made = chart(*whole_history(), entry(TIA, days=0.5), decision([TIA], "strict"))
    assert compared(made, policies()["default"], TODAY, ZONE).how == "better"


@pytest.mark.hazard("H026")
def test_an_answer_that_calls_for_help_comes_before_all_else() -> None:
    urgent = said("cssrs_q5", YES)
    made = chart(*whole_history(), decision(), entry(urgent, days=-0.01))
    calm = chart(*whole_history(), decision(), entry(TIA, days=-0.01))
    first, second = (compared(c, policies()["default"], TODAY, ZONE) for c in (made, calm))
    assert (first.how, second.how) == ("urgent", "worse")
    assert first.rank < second.rank


def test_who_was_treated_and_is_no_longer_ill_enough_is_not_called_worse() -> None:
    begun = DoseStarted(
        order=uuid4(), rate_ml_per_h=Decimal(75), mg_per_ml=Decimal("0.73"), volume_ml=Decimal(50)
    )
    scores = [entry(said(scale, YES, "4"), days=-0.02) for scale in ("phq9", "madrs")]
    before = [*whole_history(), decision(), *scores]
    treated = [*before, entry(begun, days=-0.01)]
    grown_old = entry(said("ymrs", NOT_KNOWN), days=-0.02)
    pressed = entry(said("sbp_mmhg", YES, "190"), days=-0.02)
    stories = (before, treated, [*treated, grown_old], [*treated, pressed])
    hows = [compared(chart(*story), policies()["default"], TODAY, ZONE).how for story in stories]
    assert hows == ["worse", "lifted", "lifted", "worse"]


def test_nobody_is_judged_who_was_never_decided_on() -> None:
    assert compared(chart(*whole_history()), policies()["default"], TODAY, ZONE).how == "undecided"


# -- the work -------------------------------------------------------------------------------------------------


def test_after_a_policy_change_everybody_is_evaluated_by_the_new_one() -> None:
    moved, calm = person(TIA, decision([TIA])), person(decision())
    do_all()
    assert {row(moved).how, row(calm).how} == {"same"}
    adopt("strict")
    assert running.progress(running.basis(NOW)).left == 2
    assert do_all().state == running.FINISHED
    assert (row(moved).how, row(calm).how) == ("worse", "same")
    assert row(moved).policy == "strict 1"


def test_it_stops_and_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BLOCK", 1)
    streams = [person(decision()) for _ in range(4)]
    run = running.start("staff:test", uuid4(), NOW)
    running.do_share(run.key, 0, 2, lambda: True, lambda: NOW)
    assert running.stop("staff:test", run.key, NOW)
    running.do_share(run.key, 1, 2, lambda: True, lambda: NOW)
    assert running.progress(running.basis(NOW)) == running.Progress(4, 2)
    done: list[int] = []
    again = running.start("staff:test", uuid4(), NOW)
    made = keeping.compared
    monkeypatch.setattr(keeping, "compared", lambda *a: done.append(1) or made(*a))
    for share in range(2):
        running.do_share(again.key, share, 2, lambda: True, lambda: NOW)
    assert len(done) == 2
    assert Reevaluated.objects.filter(key__in=streams).count() == 4


def test_only_a_chart_that_grew_is_done_again() -> None:
    grown, _ = person(decision()), person(decision())
    do_all()
    store.append([draft(TIA, grown, at=NOW)], now=NOW)
    what = running.basis(NOW)
    assert [p.key for p in keeping.stale(keeping.everybody(), what)] == [grown]
    assert keeping.bring_up_to_date(keeping.everybody(), what) == 1
    assert (row(grown).how, row(grown).before, row(grown).after) == ("worse", "eligible", "defer")


def test_another_day_makes_everything_stale_because_rules_count_days() -> None:
    person(decision())
    do_all()
    assert running.progress(running.basis(NOW + timedelta(days=1))).left == 1


def test_a_policy_adopted_meanwhile_is_what_everybody_ends_up_judged_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "BLOCK", 0)
    stream = person(TIA, decision([TIA]))
    run = running.start("staff:test", uuid4(), NOW)
    running.do_share(run.key, 0, 1, lambda: True, lambda: NOW)
    adopt("strict")
    assert running.settle(run, NOW).left == 1
    running.do_share(run.key, 0, 1, lambda: True, lambda: NOW)
    assert running.settle(run, NOW).left == 0
    assert row(stream).policy == Reevaluation.objects.get(key=run.key).policy == "strict 1"


def test_two_who_start_at_once_start_one() -> None:
    first, second = (running.start("staff:test", uuid4(), NOW) for _ in range(2))
    assert first.key == second.key
    running.stop("staff:test", first.key, NOW)
    assert running.start("staff:test", first.key, NOW).state == running.STOPPED  # the same form once more


def test_work_that_its_server_lost_is_taken_by_another_after_a_while() -> None:
    running.start("staff:test", uuid4(), NOW)
    assert running.take("one", NOW)
    assert running.take("other", NOW + timedelta(seconds=5)) is None
    assert running.take("other", NOW + timedelta(seconds=25))
    run = running.latest()
    assert run
    assert not running.beat(run, "one", NOW)
    running.let_go("other")
    assert running.take("one", NOW)


def test_joined_charts_are_one_person_with_one_row() -> None:
    first, second = sorted((person(decision()), person()))
    for own, other in ((first, second), (second, first)):
        store.append([draft(Linked(other=other), own, at=NOW)], now=NOW)
    do_all()
    assert list(Reevaluated.objects.values_list("key", flat=True)) == [first]
    assert row(first).how != "undecided"


def test_a_chart_that_cannot_be_judged_keeps_nobody_else_back(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = person(decision()), person(decision())
    made = keeping.compared

    def fails(of: Chart, *more: object) -> object:
        if of.stream == bad:
            raise ValueError("no such thing")
        return made(of, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(keeping, "compared", fails)
    assert do_all().state == running.FINISHED
    assert (row(bad).how, row(good).how) == ("failed", "same")


# -- the pages ------------------------------------------------------------------------------------------------


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def test_a_director_starts_it_sees_how_far_it_is_and_stops_it(
    sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowtide.pathway.evaluate.everybody.views.AT_ONCE", 0)
    person(decision())
    client = sign_in("medical_director")
    page, start = reverse("evaluate:everybody"), reverse("evaluate:everybody_start")
    assert "Nobody has been evaluated again yet" in client.get(page).content.decode()
    client.post(start, {"entry_id": str(uuid4())})
    run = running.latest()
    assert run
    waiting = client.get(reverse("evaluate:everybody_progress")).content.decode()
    assert "0 of 1" in waiting
    assert "every 2s" in waiting
    client.post(reverse("evaluate:everybody_stop", args=[run.key]))
    shown = client.get(page).content.decode()
    assert "Go on: 1 left" in shown
    assert "every 2s" not in shown
    assert [line.detail for line in access_log.recent() if "everybody" in line.detail] == [
        "evaluating everybody stopped",
        "everybody is evaluated again",
    ]


@pytest.mark.parametrize("role", ["nurse", "front_desk", "researcher", "administrator"])
def test_others_do_not_see_whose_outcome_moved(role: str, sign_in: Callable[..., Client]) -> None:
    assert sign_in(role).get(reverse("evaluate:everybody")).status_code == 403


def test_a_prescriber_reads_the_list_and_cannot_start_it(sign_in: Callable[..., Client]) -> None:
    person(decision())
    client = sign_in("prescriber")
    assert "Evaluate everybody again" not in client.get(reverse("evaluate:everybody")).content.decode()
    assert client.post(reverse("evaluate:everybody_start"), {"entry_id": str(uuid4())}).status_code == 403
    lead = sign_in("prescriber", clinical_lead=True)
    assert lead.post(reverse("evaluate:everybody_start"), {"entry_id": str(uuid4())}).status_code == 302


@pytest.mark.hazard("H049")
def test_the_list_says_who_moved_through_what_and_is_in_the_access_log(
    sign_in: Callable[..., Client], today: None
) -> None:
    stream = person(TIA, decision([TIA]))
    adopt("strict")
    client = sign_in("medical_director")
    shown = client.get(reverse("evaluate:everybody")).content.decode()  # so few are done by reading
    assert "Testperson" in shown
    assert "→ Not eligible" in shown
    assert "C010" in shown
    assert "policy default 1, now strict 1" in shown
    query = "indication=trd&amp;product=racemic_ketamine&amp;route=iv&amp;policy=strict"
    assert f"/patients/{stream.removeprefix('chart:')}/evaluate?{query}" in shown
    assert access_log.recent(stream)[0].detail == "what moved"


def test_a_long_list_is_paged(sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowtide.pathway.evaluate.everybody.views.PER_PAGE", 2)
    for _ in range(3):
        person(TIA, decision([TIA]))
    adopt("strict")
    client = sign_in("medical_director")
    assert "1 to 2 of 3" in client.get(reverse("evaluate:everybody")).content.decode()
    assert "3 to 3 of 3" in client.get(reverse("evaluate:everybody") + "?page=2").content.decode()


def test_every_word_for_how_it_moved_has_its_place_in_the_list() -> None:
    from lowtide.pathway.evaluate.everybody import page
    from lowtide.pathway.evaluate.everybody.comparing import HOWS

    assert sorted(how for _, hows in page.SHOWS.values() for how in hows) == sorted(HOWS)
    assert page.HOW.keys() == set(HOWS)
    assert set(words()) >= {"indication", "product", "route"}


# -- by itself, once a day ------------------------------------------------------------------------------------


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.django_db
def test_the_day_begins_at_the_clinics_midnight_and_is_asked_for_once() -> None:
    person(decision())
    late, early = at("2026-11-23T00:00:00"), at("2026-11-22T23:59:59")
    first = nightly.start_of_the_day(early)
    assert first is not None
    assert (str(first.on), first.by) == ("2026-11-22", "system:midnight")
    running.do_share(first.key, 0, 1, lambda: True, lambda: early)
    running.settle(first, early)
    assert nightly.start_of_the_day(early) is None
    second = nightly.start_of_the_day(late)
    assert second is not None
    assert str(second.on) == "2026-11-23"
    assert [nightly.start_of_the_day(late + timedelta(hours=n)) for n in range(3)] == [None] * 3


@pytest.mark.django_db
@pytest.mark.hazard("H045")
def test_the_days_run_that_nobody_finished_is_taken_up_and_not_begun_again() -> None:
    person(decision())
    run = nightly.start_of_the_day(NOW)
    assert run is not None
    assert running.take("server one", NOW, alone=True)
    assert nightly.start_of_the_day(NOW) is None
    again = running.take("server two", NOW + timedelta(minutes=1))
    assert again is not None
    assert again.key == run.key
    running.do_share(run.key, 0, 1, lambda: True, lambda: NOW)
    running.settle(run, NOW)
    assert Reevaluation.objects.count() == 1
    assert Reevaluation.objects.get().state == running.FINISHED


@pytest.mark.django_db
def test_a_day_with_nothing_to_do_is_written_down_as_done_and_an_empty_clinic_not_at_all() -> None:
    assert nightly.start_of_the_day(NOW) is None
    person(decision())
    do_all()
    run = nightly.start_of_the_day(NOW)
    assert run is not None
    assert run.state == running.FINISHED


@pytest.mark.django_db
def test_today_points_to_what_moved_while_people_are_judged_by_the_policy_before(
    sign_in: Callable[..., Client],
) -> None:
    person(decision())
    prescriber = sign_in("prescriber")
    do_all()
    assert reverse("evaluate:everybody") not in prescriber.get("/today").content.decode()
    adopt("strict")
    page = prescriber.get("/today").content.decode()
    assert "1 person is still judged by what was in force before." in page
    assert reverse("evaluate:everybody") in page
    do_all()
    assert "still judged" not in prescriber.get("/today").content.decode()
    assert "still judged" not in sign_in("front_desk").get("/today").content.decode()
