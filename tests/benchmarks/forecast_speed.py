"""How long a forecast of one person and a virtual trial take, as the pages and commands call them, everything loaded."""

import time
from collections.abc import Iterator
from pathlib import Path

from lowtide.data.designs import designs
from lowtide.pathway.course import foreseen
from lowtide.science.pharmacology.response.conditioning import Scores
from lowtide.science.pharmacology.response.outlook import Cuts
from lowtide.science.pharmacology.response.person import Person, foresee
from lowtide.site.virtual_trials import ArmFile, Design, simulated
from tests.benchmarks.figures import Figure, cpu_ms

DAYS = (0.0, 2.0, 4.0, 7.0, 9.0, 11.0)
SEEN = ((1.0, 21.0), (4.0, 18.0), (7.0, 17.0), (12.0, 12.0), (19.0, 15.0))
LONG_DAYS = (*DAYS, *(18.0 + 7 * week for week in range(34)))
LONG_SEEN = tuple((1.0 + 6.5 * number, float(16 - 5 * (number > 8) + 7 * number % 5)) for number in range(40))
PEOPLE, WEEKS = 100_000, 12


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    """The budgets are for two cores of a quiet computer; the update is CPU time of the process."""
    rounds = 1 if smoke else 9
    yield _update("a person's forecast updated, CPU", person(DAYS, SEEN, 42.0), rounds)
    yield _update("a long chart's forecast updated, CPU", person(LONG_DAYS, LONG_SEEN, 340.0), rounds)
    yield from _trial()


def person(days: tuple[float, ...], seen: tuple[tuple[float, float], ...], until_day: float) -> Person:
    """Somebody with sessions on these days and these MADRS scores."""
    given = [foreseen.Given(day, "ketamine", "iv", 35.0) for day in days]
    found = Scores(34.0, seen, Cuts(10.0, 22.0, 60.0))
    return Person(foreseen.people("trd", given), tuple(one.session for one in given), (), found, until_day)


def _update(what: str, who: Person, rounds: int) -> Figure:
    took = cpu_ms(lambda: foresee(who, designs(), foreseen.upkeep()), rounds)
    seen, given, days = len(who.scores.seen), len(who.given), who.until_day + 1
    note = f"{seen} scores, {given} sessions, {days:.0f} days and three futures"
    return Figure(what, took, "ms", 100.0, note=note)


def _trial() -> Iterator[Figure]:
    arm = ArmFile("k", "ketamine", "iv", "0.5 mg/kg", 40.0, "2/week", sessions=24)
    design = Design("MADRS", [1.0, 7.0, 28.0, 56.0, 84.0], [arm], n=PEOPLE)
    foreseen.worlds()
    began, spent = time.perf_counter(), time.process_time()
    about = simulated(design).basis
    took, used = time.perf_counter() - began, time.process_time() - spent
    simulated_people = about["virtual_people_per_arm"]
    yield Figure(
        f"a virtual trial of {PEOPLE:,} people over {WEEKS} weeks",
        took,
        "s",
        10.0,
        note=f"24 sessions, {simulated_people:,} virtual people, CPU {used:.1f} s",
    )
