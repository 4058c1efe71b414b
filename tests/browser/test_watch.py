"""The script at the chair says what the server's Python says: every case of the table, and sessions at random."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from playwright.sync_api import Browser, Page

import lowtide
from lowtide.data import monitoring
from lowtide.data.monitoring import Condition, Item
from tests.spec.watched import Scene, cases, differs, scene

SCRIPT = Path(lowtide.__file__).parent / "pathway/session/static/session/watch.js"
SIDES = ("-1", "-0.1", "0", "0.1", "1")


@pytest.fixture(scope="module")
def engine(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.add_script_tag(path=str(SCRIPT))
    yield page
    page.close()


def evaluated(engine: Page, scenes: list[Scene], cuts: list[float] | None = None) -> list[dict[str, Any]]:
    """What the script says to each scene, in one go; of the due items those until now. With `cuts` the line of each
    went before that minute, and what came later waits."""
    sent = [s.as_cut(c) for s, c in zip(scenes, cuts, strict=True)] if cuts else [s.as_sent() for s in scenes]
    said: str = engine.evaluate(
        """scenes => JSON.stringify(JSON.parse(scenes).map(({plan, readings, waiting = [], now}) => {
             const more = waiting.map(e => lowtideWatch.readingOf(plan, e)).filter(Boolean);
             const said = lowtideWatch.evaluate(plan, [...readings, ...more], now);
             const plain = ({order, due, ...crossing}) => crossing;
             return {...said, due: said.due.filter(d => d.due_at <= now),
               next: said.next.filter(d => d.status !== "planned").map(d => d.row),
               crossings: said.crossings.map(plain), pressing: said.pressing.map(plain),
               asking: said.asking.map(c => c.rule)};
           }))""",
        json.dumps(sent),
    )
    found: list[dict[str, Any]] = json.loads(said)
    return found


def unlike(scenes: list[Scene], said: list[dict[str, Any]], apart: str = "") -> list[Any]:
    """Where script and Python part, `apart` from the field of that name."""
    parted = []
    for made, theirs in zip(scenes, said, strict=True):
        ours = made.answer()
        both = ((name, _rounded(ours[name], apart), _rounded(theirs[name], apart)) for name in ours)
        parted += [each for each in both if each[1] != each[2]]
    return parted


def _rounded(said: Any, apart: str) -> Any:
    """Instants to the millisecond: the script has no finer ones."""
    if isinstance(said, dict):
        return {name: _rounded(value, apart) for name, value in said.items() if name != apart}
    if isinstance(said, list):
        return [_rounded(each, apart) for each in said]
    return round(said) if isinstance(said, float) else said


@pytest.mark.hazard("H017")
def test_the_script_answers_the_table_of_cases_as_the_server_does(engine: Page) -> None:
    table = cases()
    scenes = [scene(case) for case in table]
    said = evaluated(engine, scenes)
    wrong = {c["name"]: d for c, s in zip(table, said, strict=True) if (d := differs(c, s, s["now"]))}
    assert wrong == {}
    assert unlike(scenes, said) == []


@pytest.mark.hazard("H017")
def test_sessions_at_random_are_seen_alike(engine: Page) -> None:
    scenes = [scene(at_random(random.Random(seed))) for seed in range(150)]
    assert unlike(scenes, evaluated(engine, scenes)) == []


@pytest.mark.hazard("H017")
def test_the_table_is_answered_alike_where_the_line_went_before_the_dose(engine: Page) -> None:
    table = [c for c in cases() if not any("hung" in line for line in c.get("at", ()))]
    scenes = [scene(case) for case in table]
    said = evaluated(engine, scenes, [0.0] * len(scenes))
    wrong = {c["name"]: d for c, s in zip(table, said, strict=True) if (d := differs(c, s, s["now"]))}
    assert wrong == {}
    assert unlike(scenes, said) == []


@pytest.mark.hazard("H014")
@pytest.mark.hazard("H017")
def test_sessions_whose_line_went_at_any_minute_are_seen_as_if_it_had_held(engine: Page) -> None:
    scenes = [scene(at_random(random.Random(seed))) for seed in range(1000, 1300)]
    cuts = [random.Random(seed).choice((0, 0, 10, 25, 45.5)) for seed in range(1000, 1300)]
    assert unlike(scenes, evaluated(engine, scenes, cuts)) == []


def test_every_trigger_of_the_whole_table_is_met_alike_on_both_sides_of_each_bound(engine: Page) -> None:
    """Those too that are not watched at a chair: they are asked here as if they were."""
    as_watched = {
        item.id: msgspec.structs.replace(item, phase="during", level="inform")
        for item in monitoring.items().values()
        if item.trigger
    }
    scenes = [
        scene({"at": [{"min": 1, "values": values}], "now": 1}, {item.id: item})
        for item in as_watched.values()
        for values in around(item)
    ]
    assert len(scenes) > 300
    assert unlike(scenes, evaluated(engine, scenes), apart="found") == []


def around(item: Item) -> Iterator[dict[str, Any]]:
    """Each condition of each alternative a little below, at and above its bound, the others of it met; and unknown."""
    for alternative in item.trigger.alternatives if item.trigger else ():
        for one in alternative:
            others = {c.value: _meeting(c) for c in alternative if c is not one}
            yield {"known": True, **others}
            if one.holds is not None:
                yield from ({"known": True, **others, one.value: answer} for answer in (True, False))
            for bound in (one.above, one.at_least, one.below, one.at_most):
                if bound is not None:
                    yield from (
                        {"known": True, **others, one.value: str(bound + type(bound)(s))} for s in SIDES
                    )


def _meeting(condition: Condition) -> Any:
    if condition.holds is not None:
        return condition.holds
    at_least, above = condition.at_least, condition.above
    low = at_least if at_least is not None else above + 1 if above is not None else None
    high = condition.at_most if condition.at_most is not None else condition.below
    return str(low if low is not None else high - 1 if high is not None else 0)


def at_random(chance: random.Random) -> dict[str, Any]:
    """A session at random: readings about the bounds, answers, artefacts, corrections, pauses, in any order of time."""
    lines: list[dict[str, Any]] = []
    for _ in range(chance.randint(0, 14)):
        lines.append(
            _line(chance, lines) | {"min": chance.choice((5, 10, 15, 40, 55)) + chance.randint(-40, 300) / 10}
        )
    if chance.random() < 0.3:
        lines.append({"min": chance.randint(20, 60), "ended": "50"})
        if chance.random() < 0.3:
            lines.append({"min": lines[-1]["min"] + chance.randint(1, 90), "left": True})
    route = chance.choice(("iv", "iv", "in", "sc"))
    if route != "iv":
        lines = [x if not {"rate", "ended"} & set(x) else {"min": x["min"], "hr": 70} for x in lines]
    parts = (
        {"parts": [0, *sorted(chance.sample(range(5, 40), chance.randint(0, 2)))]} if route == "in" else {}
    )
    if route == "in" and chance.random() < 0.3:
        parts["mg"] = [chance.choice(("28", "14", "0")) for _ in parts["parts"]]
        lines.append({"min": 41, "no_more": True})
    return {"route": route, "at": lines, "now": chance.randint(-5, 200) + chance.choice((0, 0, 0.5)), **parts}


def _line(chance: random.Random, before: list[dict[str, Any]]) -> dict[str, Any]:
    read = [
        i for i, x in enumerate(before) if not {"corrects", "artefact", "answer", "omitted", "event"} & set(x)
    ]
    kind = chance.choice(
        (
            "bp",
            "bp",
            "bp",
            "hr",
            "spo2",
            "rate",
            "event",
            "omitted",
            "answer",
            "artefact",
            "corrects",
            "rating",
        )
    )
    if kind in ("answer", "artefact", "corrects") and read:
        about = chance.choice(read)
        if kind == "answer":
            return {
                "answer": chance.choice(("M12", "M13", "M14", "M15", "M16", "M18", "M24")),
                "about": about,
            }
        if kind == "artefact":
            return {"artefact": about, "rows": chance.choice(([], ["bp"], ["hr", "spo2"]))}
        corrected = any(x.get("corrects") == about for x in before)
        return {"corrects": about} | chance.choice(({}, {"bp": "150/85"})) if not corrected else {"hr": 61}
    return {
        "hr": {"hr": chance.choice((44, 45, 130, 131, 80))},
        "spo2": {"spo2": chance.choice((89, 90, 93, 94, 98)), "hr": 80},
        "rate": {"rate": chance.choice(("75", "0", "0", "60", "75.0", "33.3", "120"))},
        "event": {"event": chance.choice(("chest_pain", "calm", "unsafe", "vomited"))},
        "omitted": {"omitted": chance.choice(("bp", "nausea", "pump")), "why": "asleep"},
        "rating": chance.choice(
            ({"moaas": 3}, {"moaas": 1}, {"moaas": 5}, {"nausea": 4}, {"dissociation": 6})
        ),
    }.get(kind, {"bp": chance.choice(("120/70", "161/95", "185/95", "205/95", "150/121", "179/109"))})


def test_an_entry_that_waits_to_be_sent_is_a_reading_like_any_other(engine: Page) -> None:
    made = scene({"at": [{"min": 5, "rate": "75"}], "now": 12})
    queued = {
        "id": str(UUID(int=77)),
        "at": made.now.isoformat(),
        "kind": "vitals.1",
        "body": {"sbp_mmhg": 205, "dbp_mmhg": 95, "heart_rate_bpm": 80, "spo2_pct": 97},
    }
    said = engine.evaluate(
        """([{plan, readings, now}, queued]) => {
             const more = lowtideWatch.readingOf(plan, queued);
             const said = lowtideWatch.evaluate(plan, [...readings, more], now);
             return {asks: said.pressing.map(c => [c.rule, c.found]), late: said.late.map(d => d.row)};
           }""",
        [json.loads(json.dumps(made.as_sent())), queued],
    )
    assert said == {"asks": [["M14", "BP 205/95"]], "late": ["pump"]}
