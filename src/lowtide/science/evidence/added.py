"""Arms of several trials that a source gives as sums: whether adding them up mixes the trial with the treatment.

Where every trial drew its lots alike it does not. Where one gave more of its people the first treatment than another, and
people did better in one of them whatever they had, the sum is of the trials as much as of the treatments (Simpson).
"""

from collections import defaultdict
from collections.abc import Iterable

from lowtide.data.evidence import Arm

ALIKE = 0.05
"""Shares of people given a treatment that are no further apart than this are the same."""


def added_up(arms: Iterable[Arm]) -> str:
    """What to say of arms that were added up over trials; empty for one trial, or for lots drawn alike."""
    given: dict[str, dict[str, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    for arm in dict.fromkeys(arms):
        given[arm.study_id][arm.nma_node].append(arm.n_arm)
    if len(given) < 2:
        return ""
    shares = {study: _share(its) for study, its in sorted(given.items())}
    known = [share for share in shares.values() if share is not None]
    if len(known) == len(shares) and max(known) - min(known) <= ALIKE:
        return ""
    of = " and ".join(shares)
    drawn = " and ".join("an unknown number" if s is None else f"{100 * s:.0f}" for s in shares.values())
    return (
        f"arms of {of} are added up as if of one trial, though of 100 people {drawn} had the same treatment"
    )


def _share(nodes: dict[str, list[int | None]]) -> float | None:
    """The share of a trial's people who had the treatment that comes first by name."""
    every = [n for its in nodes.values() for n in its]
    if None in every:
        return None
    first = [n or 0 for n in nodes[min(nodes)]]
    return sum(first) / sum(n or 0 for n in every)
