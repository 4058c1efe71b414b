"""Synthetic people for the demonstration clinic and for tests: invented names, invented lives, from a seed.

Nobody here exists. The same seed and day give the same people, so that screens and tests can be compared.
"""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random

import msgspec

FAMILIES = [
    "Halvorsen",
    "Lindqvist",
    "Okafor",
    "Brandt",
    "Castellano",
    "Dvorak",
    "Eriksen",
    "Fontaine",
    "Galanis",
    "Hashimoto",
    "Ivanova",
    "Jansen",
    "Kowalska",
    "Lefebvre",
    "Moretti",
    "Novak",
    "Oduya",
    "Petrov",
    "Quiroga",
    "Rasmussen",
    "Santos",
    "Takeda",
    "Ulrich",
    "Vargas",
    "Weiss",
    "Xanthou",
    "Yilmaz",
    "Zimmer",
    "Abara",
    "Bergmann",
    "Cortez",
    "Delacroix",
    "Eklund",
    "Farkas",
    "Grimaldi",
    "Horvat",
    "Ibsen",
    "Juhasz",
    "Keller",
    "Lorca",
    "Marchetti",
    "Nakamura",
    "Olsen",
    "Pavlov",
    "Rossi",
    "Silva",
    "Tanaka",
    "Varga",
]
FEMALE = [
    "Ines",
    "Marta",
    "Aiko",
    "Lena",
    "Sofia",
    "Noor",
    "Greta",
    "Paula",
    "Yara",
    "Olga",
    "Rina",
    "Helga",
    "Dora",
    "Maja",
    "Carla",
    "Edith",
    "Frida",
    "Ilse",
    "Juno",
    "Kaja",
]
MALE = [
    "Rafael",
    "Tomas",
    "Emeka",
    "Anders",
    "Luca",
    "Pavel",
    "Hugo",
    "Nils",
    "Omar",
    "Viktor",
    "Jonas",
    "Milan",
    "Dario",
    "Felix",
    "Goran",
    "Henrik",
    "Ivo",
    "Karel",
    "Leon",
    "Marek",
]


class Stage(StrEnum):
    """Where somebody is on the way through the clinic."""

    REFERRED = "referred, history not taken"
    HISTORY = "history half taken"
    READY = "ready for a decision"
    NOT_ELIGIBLE = "decided: not eligible"
    DECIDED = "decided, course not planned"
    PLANNED = "planned, first session to come"
    TODAY = "session later today"
    LIVE = "at the chair now"
    RECOVERY = "in recovery now"
    INDUCTION = "between induction sessions"
    INDUCTION_DONE = "induction done, next step open"
    MAINTENANCE = "in maintenance"
    ENDED = "course ended"


COUNTS = {
    Stage.REFERRED: 4,
    Stage.HISTORY: 3,
    Stage.READY: 3,
    Stage.NOT_ELIGIBLE: 2,
    Stage.DECIDED: 2,
    Stage.PLANNED: 3,
    Stage.TODAY: 3,
    Stage.LIVE: 1,
    Stage.RECOVERY: 1,
    Stage.INDUCTION: 7,
    Stage.INDUCTION_DONE: 3,
    Stage.MAINTENANCE: 6,
    Stage.ENDED: 2,
}


class SyntheticPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One invented person: who, how they were before, and how they do under treatment."""

    number: str
    family: str
    given: str
    female: bool
    birth_date: date
    weight_kg: Decimal
    height_cm: Decimal
    baseline_sbp_mmhg: int
    baseline_dbp_mmhg: int
    stage: Stage
    responds: bool
    baseline_phq9: int
    final_phq9: int
    item9_at_last: int
    seed: int


def people(seed: int, today: date) -> list[SyntheticPerson]:
    """About forty people at every stage of care, always in the same order."""
    random = Random(seed)  # noqa: S311  synthetic people need repeatability, not secrecy
    families = random.sample(FAMILIES, len(FAMILIES))
    stages = [stage for stage, count in COUNTS.items() for _ in range(count)]
    return [_person(random, n, families[n], stage, today) for n, stage in enumerate(stages)]


def _person(random: Random, n: int, family: str, stage: Stage, today: date) -> SyntheticPerson:
    female = random.random() < 0.6
    responds = random.random() < 0.6
    baseline = random.randint(16, 24)
    return SyntheticPerson(
        number=f"LT-{401 + n:04d}",
        family=family,
        given=random.choice(FEMALE if female else MALE),
        female=female,
        birth_date=today - timedelta(days=random.randint(22 * 365, 68 * 365)),
        weight_kg=Decimal(random.randint(520, 1050)) / 10,
        height_cm=Decimal(random.randint(155, 192)),
        baseline_sbp_mmhg=random.randint(108, 134),
        baseline_dbp_mmhg=random.randint(66, 84),
        stage=stage,
        responds=responds,
        baseline_phq9=baseline,
        final_phq9=random.randint(3, baseline // 2)
        if responds
        else random.randint(baseline // 2 + 2, baseline),
        item9_at_last=1 if n % 13 == 12 else 0,
        seed=random.randrange(2**31),
    )


def phq9_items(total: int, item9: int, random: Random) -> dict[str, int]:
    """Nine answers of 0 to 3 that sum to `total`, the ninth being `item9`. Total must be reachable."""
    items = [0] * 8
    while sum(items) < total - item9:
        open_items = [i for i, value in enumerate(items) if value < 3]
        items[random.choice(open_items)] += 1
    return {str(n + 1): value for n, value in enumerate((*items, item9))}
