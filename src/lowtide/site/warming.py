"""One small run through every kernel."""

import numpy as np

from lowtide.pathway.plan.simulating import tables
from lowtide.science.pharmacology import ensemble, matrix, plain
from lowtide.science.pharmacology.draws import Draws
from lowtide.science.pharmacology.person import Person
from lowtide.science.pharmacology.regimen import Dose
from lowtide.science.pharmacology.response import waning
from lowtide.science.pharmacology.simulate import Question, simulate
from lowtide.science.pharmacology.summary import Histogram

DOSES = (Dose(0, "ketamine", "iv", 35, 40), Dose(2, "ketamine", "iv", 5))


def run_every_kernel() -> None:
    """Few members and few moments: the compiler is what takes the time."""
    person = Person(70)
    simulate(Question(DOSES[:1], person, (1.0,), 2.0, members=40), tables())
    plan = ensemble.Plan(DOSES, person, {tables().core: 1.0}, 2, 1, np.array([0.0, 1.0, 3.0]))
    system, inputs = ensemble.prepared(plan, tables(), tables().models[tables().core], Draws(2, 1, 0), "s")
    matrix.travelled(system, inputs, plan.times_h, np.arange(2), None)
    Histogram().add(np.ones((1, 1)))
    one = np.ones((1, 1))
    waning.course(np.zeros(1), (one, one), (one[0],) * 4, np.zeros(1), 1.5, 0.5)
    steps = plain.program(np.array([1.0]), [(0.0, 0.5, 10.0)])
    plain.summed(np.array([80.0, 20, 150, 40, 70, 160, 1.5, 60, 150, 40, 100, 7]), 0.0, 1, 1, steps, 1, 0)
