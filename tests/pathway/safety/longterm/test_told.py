"""What is told of long-term safety: ways apart, panels counted once, one word for what has ended, nothing of few eyes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from django.test import Client

from lowtide.data import longterm
from lowtide.data.audiences import audience
from lowtide.pathway.course.approved import NOTHING, monitored
from lowtide.pathway.course.exposure import elsewhere, exposure
from lowtide.pathway.course.state import fold
from lowtide.pathway.plan.reviewing import EXPOSURE, by_exposure
from lowtide.pathway.safety.longterm.clinic import lines
from lowtide.pathway.safety.longterm.known import done
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import CourseEnded, OrderSigned
from lowtide.record.entries.history import Result
from lowtide.record.entries.longterm import TreatedElsewhere, UseSignal
from lowtide.site.cli import main
from tests.pathway.course.story import Story
from tests.pathway.safety.longterm.test_pages import address, html, lately
from tests.pathway.safety.longterm.test_schedule import treated

SignIn = Callable[..., Client]


def by_two_ways() -> Story:
    story = treated(1)
    order = next(d for d in story.drafts if isinstance(d.body, OrderSigned))
    other = msgspec.structs.replace(order.body, route="im", duration_min=None)
    story.drafts[story.drafts.index(order)] = msgspec.structs.replace(order, body=other)
    story.after(days=3).held(2)
    return story


def test_milligrams_of_two_ways_are_never_added() -> None:
    story = by_two_ways()
    one = exposure(fold(story.chart).doses, (), story.now, 30)
    assert {(a.drug, a.route): a.sessions for a in one.amounts} == {
        ("ketamine", "im"): 1,
        ("ketamine", "iv"): 1,
    }


def test_three_panels_were_three_times_one() -> None:
    story = treated(1)
    for _ in range(3):
        story.after(days=9)
        for test in ("alt_u_l", "ast_u_l", "alp_u_l", "ggt_u_l"):
            story.after(minutes=1).say(Result(label=test, test=test, value=Decimal(20), unit="U/L"))
    assert len(done(story.chart, longterm.checks()["liver"])) == 3


@pytest.mark.hazard("H035")
def test_the_plan_counts_sessions_elsewhere_after_the_last_dose_as_the_clinic_does() -> None:
    story = treated(10, apart=3)
    story.after(days=20)
    day = story.now.date().isoformat()
    told = TreatedElsewhere(
        drug="ketamine", told_by="patient", sessions=5, first=day, last=day, still=Answer.NO
    )
    story.after(days=1).say(told)
    chart = story.chart
    found = {
        f.id: f.text for f in by_exposure(fold(chart).doses, elsewhere(chart), monitored(NOTHING)[EXPOSURE])
    }
    assert "15 sessions" in found["M38.91"]


def printed(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert main(list(args)) == 0
    return capsys.readouterr().out


def test_the_command_tells_what_was_given_elsewhere_in_milligrams(
    clinic: object, capsys: pytest.CaptureFixture[str]
) -> None:
    story = lately()
    story.say(TreatedElsewhere(drug="esketamine", route="in", told_by="clinic", sessions=8, mg=Decimal(672), first="2026-07", last="2026-07", still=Answer.NO))  # fmt: skip
    text = printed(capsys, "safety", str(story.tell().patient))
    assert "672 mg esketamine in elsewhere" in text
    assert "0 mg esketamine" not in text.replace("672 mg", "")


def ended() -> Story:
    story = treated(6)
    course = story.course
    story.after(days=1).say(CourseEnded(course=course, outcome="completed"))
    return story.shifted(datetime.now(UTC) - timedelta(days=200) - story.now)


def test_after_treatment_has_ended_chart_command_and_clinic_say_the_same(
    clinic: object, sign_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    story = ended().tell()
    page = html(sign_in("prescriber"), address(story))
    assert "Treatment ended" in page
    assert "Blocks" not in page
    document = json.loads(printed(capsys, "safety", str(story.patient), "--json"))
    assert not [c["check"] for c in document["checks"] if c["blocks"] or c["overdue"]]
    (line,) = [one for one in lines(datetime.now(UTC)) if one.stream == story.stream]
    assert not line.overdue


@pytest.mark.hazard("H049")
def test_the_due_list_names_no_private_stop(clinic: object, capsys: pytest.CaptureFixture[str]) -> None:
    story = lately()
    story.say(UseSignal(signal="lost_supply", said="on the bus"), visible_to=audience("substance_use"))
    story.tell()
    text = printed(capsys, "due", "--clinic", "--json")
    assert "stop_review" in text
    assert "misuse" not in text


@pytest.mark.hazard("H038")
def test_a_result_that_nobody_has_read_is_not_in_order_on_the_page_of_the_clinic(
    clinic: object, sign_in: SignIn
) -> None:
    story = lately()
    story.after(hours=3).say(Result(label="ECG", test="ecg", text="left bundle", abnormal=Answer.YES))
    story.tell()
    page = html(sign_in("prescriber"), "/long-term")
    assert "1 result to review" in page
    assert "In order" not in page
