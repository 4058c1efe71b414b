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
from tests.benchmarks.figures import Figure

DAYS = (0.0, 2.0, 4.0, 7.0, 9.0, 11.0)
SEEN = ((1.0, 21.0), (4.0, 18.0), (7.0, 17.0), (12.0, 12.0), (19.0, 15.0))
PEOPLE, WEEKS = 100_000, 12


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    """The budgets are for two cores of a quiet computer; the update is CPU time of the process."""
    given = [foreseen.Given(day, "ketamine", "iv", 35.0) for day in DAYS]
    person = Person(
        foreseen.people("trd", given),
        tuple(one.session for one in given),
        (),
        Scores(34.0, SEEN, Cuts(10.0, 22.0, 60.0)),
        42.0,
    )
    foresee(person, designs(), foreseen.upkeep())
    rounds = 1 if smoke else 9
    began = time.process_time()
    for _ in range(rounds):
        foresee(person, designs(), foreseen.upkeep())
    note = f"{len(SEEN)} scores, {len(DAYS)} sessions, 43 days and three futures"
    yield Figure(
        "a person's forecast updated, CPU",
        1000 * (time.process_time() - began) / rounds,
        "ms",
        100.0,
        note=note,
    )
    yield from _trial()


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
