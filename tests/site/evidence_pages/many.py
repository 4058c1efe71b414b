"""A network that the shipped table does not have yet: many trials of one pair and a closed loop."""

import random

from lowtide.science.evidence.compare import Known
from tests.science.evidence.trials import MIDAZOLAM, ONE, SALINE, Trials


def many(pairs: int = 12) -> Known:
    """`pairs` trials of one infusion against saline of very different size, small ones finding more; and a loop."""
    chance, found = random.Random(3), Trials()
    for at in range(pairs):
        n = 12 + at * at * 3
        more = 0.2 + 2.2 / (n**0.5)
        control = sum(chance.random() < 0.25 for _ in range(n))
        treated = sum(chance.random() < min(0.25 + more, 0.9) for _ in range(n))
        found.add(f"Pair{at:02d}", {ONE: (treated, n), SALINE: (control, n)})
    found.add("Loop1", {ONE: (30, 60), MIDAZOLAM: (18, 60)})
    found.add("Loop2", {MIDAZOLAM: (20, 60), SALINE: (15, 60)})
    return found.known()
