"""Forty invented people at every stage of care, relative to the moment the demonstration is made."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid5

from lowtide.people.charts import stream_of
from lowtide.people.clinic import zone
from lowtide.record.entries.base import Answer
from lowtide.record.entries.care import Availability, Away
from lowtide.site.demo import safe, scales, upkeep
from lowtide.site.demo.care import DAY, MINUTE, Care
from lowtide.site.demo.mishaps import INTEGRATED, PREPARED
from lowtide.site.demo.staff import NAMESPACE
from lowtide.site.demo.treatments import (
    A_RANGE_OF_KETAMINE,
    BY_MOUTH,
    INFUSION_OF_KETAMINE,
    INTO_THE_MUSCLE,
    NASAL_SPRAY,
    NASAL_SPRAY_FROM_65,
    OVER_HOURS,
    UNDER_THE_SKIN,
)
from lowtide.virtual.people import Stage, SyntheticPerson, people

SLOTS = (time(9, 0), time(12, 30), time(16, 0))
CHAIRS = ("1", "2", "3", "4")
"""Chairs that the stories fill; the fifth stays free for whoever tries the clinic, a nasal spray is given at the sixth."""
SEED = 20261122
BLADDER_EVERY = 4  # sessions between two questionnaires on the bladder, as the table asks


class Calendar:
    """Free chairs: whoever asks for a day gets the first slot that nobody has."""

    def __init__(self, now: datetime) -> None:
        self.now, self.taken = now, set[tuple[date, time, str]]()

    def slot(self, day: date, *, after_now: bool = False) -> tuple[datetime, str]:
        """The first free slot on the day or on one after it."""
        while True:
            for slot in SLOTS:
                start = datetime.combine(day, slot, zone())
                for chair in CHAIRS[2:] if day == self.today else CHAIRS:
                    free = (day, slot, chair) not in self.taken
                    if free and (not after_now or start > self.now + 20 * MINUTE):
                        self.taken.add((day, slot, chair))
                        return start, chair
            day += DAY

    @property
    def today(self) -> date:
        return self.now.astimezone(zone()).date()


def tell(now: datetime) -> list[Care]:
    """Write everybody's story up to now; answers them in the order of their numbers."""
    calendar = Calendar(now)
    cares = [Care(p, uuid5(NAMESPACE, p.number)) for p in people(SEED, calendar.today)]
    told: Counter[Stage] = Counter()
    for care in cares:
        stage = care.person.stage
        alone = LONGER.get(care.person.number)
        treatment, tell_it = alone or BY_OTHER_ROUTES.get((stage, told[stage]), (care.treatment, TELL[stage]))
        care.treatment = treatment
        tell_it(care, calendar)
        care.lived_over_months(calendar.now, care.person.number)
        told[stage] += 1
    lived = [*safe.events(now), *(e for care in cares for e in care.events)]
    for _, happen in sorted(lived, key=lambda event: event[0]):
        happen()
    return cares


def everybody(now: datetime) -> dict[str, SyntheticPerson]:
    """stream -> the invented person behind it."""
    return {stream_of(uuid5(NAMESPACE, p.number)): p for p in people(SEED, Calendar(now).today)}


def _referred(care: Care, calendar: Calendar) -> None:
    care.register(calendar.now - timedelta(days=care.random.randint(1, 9), hours=2))


def _half(care: Care, calendar: Calendar) -> None:
    care.register(calendar.now - 6 * DAY)
    care.take_history(calendar.now - 5 * DAY, share=0.5)


def _ready(care: Care, calendar: Calendar) -> None:
    _evaluated(care, calendar.now - 8 * DAY, reviewed=care.person.seed % 2 == 0)


def _evaluated(care: Care, began: datetime, *, reviewed: bool = True) -> None:
    care.register(began)
    care.take_history(began + DAY)
    care.work_up(began + 2 * DAY)
    if reviewed:
        care.review(began + 2 * DAY + 90 * MINUTE)
    asked_at, raised = began + 2 * DAY + 3 * 60 * MINUTE, int(care.person.seed % 5 == 0)
    care.phq9(asked_at, care.person.baseline_phq9, item9=raised)
    if raised:
        care.act_on_risk(asked_at + 40 * MINUTE, asked_at)


def _not_eligible(care: Care, calendar: Calendar) -> None:
    _evaluated(care, calendar.now - 12 * DAY)
    care.decide(calendar.now - 9 * DAY, "not_eligible", "prefers ECT after talking it through")


def _decided(care: Care, calendar: Calendar, ago: int = 4) -> None:
    _evaluated(care, calendar.now - (ago + 3) * DAY)
    care.decide(calendar.now - ago * DAY)


def _planned(care: Care, calendar: Calendar) -> None:
    _decided(care, calendar)
    start, chair = calendar.slot(calendar.today + (1 + care.random.randint(0, 3)) * DAY)
    care.plan(calendar.now - 3 * DAY, start.date(), therapy=care.person.seed % 2 == 0)
    care.book(calendar.now - 2 * DAY, 1, start, chair)
    _book_on(care, calendar, 2, start.date() + 4 * DAY)


def _book_on(care: Care, calendar: Calendar, number: int, day: date) -> None:
    """Book what is left of the induction, twice weekly from a day on."""
    for n in range(number, 7):
        start, chair = calendar.slot(day)
        care.book(calendar.now - 60 * MINUTE, n, start, chair)
        day = start.date() + 3 * DAY


def _today(care: Care, calendar: Calendar) -> None:
    given = care.person.seed % 4
    _course(care, calendar, given)
    start, chair = calendar.slot(calendar.today, after_now=True)
    care.book(calendar.now - 2 * 60 * MINUTE, given + 1, start, chair)
    _book_on(care, calendar, given + 2, calendar.today + 4 * DAY)


def _course(care: Care, calendar: Calendar, given: int, *, last: int = 3) -> list[datetime]:
    """Sessions given twice weekly, the last of them `last` days ago; answers when each began."""
    first = calendar.today - timedelta(days=last + 7 * max(given - 1, 0) // 2 + 1)
    _evaluated(care, datetime.combine(first, time(10), zone()) - 12 * DAY)
    care.decide(datetime.combine(first, time(10), zone()) - 9 * DAY)
    care.plan(datetime.combine(first, time(11), zone()) - 8 * DAY, first)
    began = [
        _given(care, calendar, n + 1, first + timedelta(days=7 * n // 2), of=max(given, 6))
        for n in range(given)
    ]
    _told_at_home(care, began)
    return began


def _told_at_home(care: Care, began: list[datetime]) -> None:
    """A day after the first dose the mood is asked for; some also say how afraid they are, and how near their goal."""
    if not began:
        return
    person, first, last = care.person, began[0], began[-1]
    care.phq9(first + 23 * 60 * MINUTE, (_score(person, 1, 6) + _score(person, 2, 6)) // 2)
    if person.seed % 3 == 0:
        care.gad7(first - 21 * 60 * MINUTE, 15)
        care.gad7(last + 26 * 60 * MINUTE, 6 if person.responds else 13)
    if person.seed % 2 == 0:
        care.near_the_goal(first - 22 * 60 * MINUTE, 2, "the dog knows the door")
        care.near_the_goal(last + 25 * 60 * MINUTE, 7 if person.responds else 3)


def _given(care: Care, calendar: Calendar, number: int, day: date, of: int) -> datetime:
    start, chair = calendar.slot(day)
    care.phq9(start - 20 * 60 * MINUTE, _score(care.person, number - 1, of))
    if number % BLADDER_EVERY == 1:
        care.ask_again(start - 80 * MINUTE, "bladder" if number > 1 else "dependence")
    care.whole_session(number, start, chair)
    return start


def _score(person: SyntheticPerson, given: int, of: int) -> int:
    """Most of the change comes with the first sessions."""
    return (
        round(person.final_phq9 + (person.baseline_phq9 - person.final_phq9) * 0.6**given)
        if given
        else person.baseline_phq9
    )


def _live(care: Care, calendar: Calendar, minute: int = 26, chair: str = "1") -> None:
    """At the chair now: the infusion is running while you watch."""
    *_, before = _course(care, calendar, 2, last=4)
    start = calendar.now - minute * MINUTE
    care.book(start - 3 * DAY, 3, start, chair)
    care.talk(before + DAY, 2, "integration", INTEGRATED)
    care.talk(start - 60 * MINUTE, 3, "before", PREPARED)
    care.begin(3, start, chair)
    care.watch(3, start, minute)
    for read in range(5, min(minute, 40), 5):
        care.read_pump(start + (read + 1) * MINUTE, 3)


def _sprays_today(care: Care, calendar: Calendar) -> None:
    """Later today: one device at first, two from the second time on."""
    care.doses = {2: Decimal(56)}
    _today(care, calendar)


def _sprayed(care: Care, calendar: Calendar) -> None:
    """At the chair now: the first device was given, the second is waited for."""
    care.doses = dict.fromkeys((2, 3), Decimal(56))
    _live(care, calendar, minute=3, chair="6")


def _recovery(care: Care, calendar: Calendar) -> None:
    _live(care, calendar, minute=96, chair="2")
    start = calendar.now - 96 * MINUTE
    care.went_wrong(start + 33 * MINUTE, 3, "nausea", "nausea", 2, relation="probable", action="none")
    care.rescue(start + 36 * MINUTE, 3, "ondansetron", "4", "iv", "nausea")
    care.rescue_helped(start + 58 * MINUTE, 3)
    care.followed(start + 74 * MINUTE, "nausea", "recovered", ended_at=start + 72 * MINUTE)


def _induction(care: Care, calendar: Calendar) -> None:
    given = 1 + care.person.seed % 5
    _course(care, calendar, given)
    _after(care, calendar, given)
    _book_on(care, calendar, given + 1, calendar.today + DAY)


def _once(care: Care, calendar: Calendar) -> None:
    """One dose of a protocol that gives one, three days ago."""
    _course(care, calendar, 1)
    _after(care, calendar, 1)


def _after(care: Care, calendar: Calendar, given: int) -> None:
    """A questionnaire the day before yesterday; in a few it raises item 9."""
    care.phq9(
        calendar.now - 30 * 60 * MINUTE,
        max(_score(care.person, given, 6), 4),
        item9=care.person.item9_at_last,
    )


def _induction_done(care: Care, calendar: Calendar) -> None:
    _course(care, calendar, 6, last=4)
    _after(care, calendar, 6)


def _maintenance(care: Care, calendar: Calendar) -> None:
    began = _course(care, calendar, 6, last=24 + care.person.seed % 40)
    if care.person.seed % 2:  # of the others the page shows what is still to be asked and rated
        scales.rated(care, began[0] - DAY, "MADRS", 31)
        scales.rated(care, began[-1] + 2 * DAY, "MADRS", 9 + care.person.seed % 7)
        scales.answered(care, began[-1] + 2 * DAY, "PGIC", 2)
        scales.answered(care, began[0] - 3 * DAY, "AUDITC", 3, "paper")
    for weeks in range(1, 4):
        care.phq9(
            calendar.now - timedelta(days=7 * (4 - weeks) - 5), max(care.person.final_phq9 + weeks - 1, 2)
        )


# -- told of one person alone -------------------------------------------------------------------------------------


def _with_days_away(care: Care, calendar: Calendar) -> None:
    """Planned around a journey, with psychotherapy beside it."""
    _decided(care, calendar)
    start, chair = calendar.slot(calendar.today + 2 * DAY)
    gone = start.date() + 6 * DAY
    away = Away(first=gone, last=gone + 5 * DAY, why="at the sea with the family")
    said = Availability(away=(away,), never=(6,), from_time="08:30", to_time="15:00")
    care.can_come(calendar.now - 3 * DAY - 60 * MINUTE, said)
    care.plan(calendar.now - 3 * DAY, start.date(), "to sleep through\nto cook again", therapy=True)
    care.book(calendar.now - 2 * DAY, 1, start, chair)


def _stepped(care: Care, calendar: Calendar) -> None:
    """A range without steps: from the third session on the prescriber goes a little higher, with a reason."""
    care.doses = dict.fromkeys(range(3, 7), Decimal("0.6"))
    third = _course(care, calendar, 4)[2]
    care.emergency(third + 31 * MINUTE, 3, "hypertension", "settled", "M13")
    care.went_wrong(third + 42 * MINUTE, 3, "pressure", "blood_pressure", 2, relation="probable")
    care.followed(third + 118 * MINUTE, "pressure", "recovered", ended_at=third + 95 * MINUTE)
    _after(care, calendar, 4)
    _book_on(care, calendar, 5, calendar.today + 2 * DAY)


def _after_a_long_pause(care: Care, calendar: Calendar) -> None:
    """Five sessions half a year ago, then abroad: the consent runs out before the sixth."""
    _course(care, calendar, 5, last=163)
    care.phq9(calendar.now - 2 * DAY, max(care.person.final_phq9, 6))
    care.checked_again(calendar.now - 2 * DAY)
    care.book(calendar.now - DAY, 6, *calendar.slot(calendar.today + 5 * DAY))


def _fell_at_home(care: Care, start: datetime) -> None:
    """A serious event: a night in hospital. The report waits, and the prescriber has it."""
    care.went_wrong(
        start + 9 * 60 * MINUTE,
        None,
        "fall",
        "fall",
        3,
        serious=Answer.YES,
        criteria=("hospital",),
        words="fell on the stairs in the evening, a night in hospital, no fracture",
        relation="possible",
        suspected="esketamine_nasal",
    )
    care.take_report(start + 10 * 60 * MINUTE, "fall", "bfarm")
    care.followed(start + 2 * DAY, "fall", "improving", how="phone", words="home again, bruised")


def _in_week_six(care: Care, calendar: Calendar) -> None:
    """A nasal course beyond its induction: weekly now, the last one five days ago, the next one open."""
    first = calendar.today - 40 * DAY
    _evaluated(care, datetime.combine(first, time(10), zone()) - 12 * DAY)
    care.decide(datetime.combine(first, time(10), zone()) - 9 * DAY)
    care.plan(datetime.combine(first, time(11), zone()) - 8 * DAY, first)
    for n in range(8):
        _given(care, calendar, n + 1, first + timedelta(days=7 * n // 2), of=8)
    start, chair = calendar.slot(first + 35 * DAY)
    care.next_step(start - 3 * DAY, "next", "holds well; weekly from now on", start)
    care.phq9(start - 20 * 60 * MINUTE, max(care.person.final_phq9, 4))
    care.whole_session(9, start, chair)
    _fell_at_home(care, start)
    care.phq9(calendar.now - 2 * DAY, max(care.person.final_phq9 - 1, 3))


def _over_hours(care: Care, calendar: Calendar) -> None:
    """At the chair now: four hours for pain, the second of two bags hangs, and the shift has changed."""
    _evaluated(care, calendar.now - 7 * DAY)
    care.decide(calendar.now - 5 * DAY)
    start = calendar.now - 133 * MINUTE
    care.plan(calendar.now - 4 * DAY, start.date(), "to hold a cup again")
    care.book(start - 3 * DAY, 1, start, "7")
    care.arrive(start - 70 * MINUTE)
    care.consent(start - 65 * MINUTE, 1)
    care.sign_order(start - 60 * MINUTE, 1)
    care.put_pump_on(start - 30 * MINUTE, 1)
    care.make_up(start - 25 * MINUTE, 1)
    care.vitals(start - 12 * MINUTE, 1, 0)
    care.rate(start - 9 * MINUTE, 1, "moaas", 5)
    care.time_out(start - 6 * MINUTE, 1, "7")
    care.pump_says(start, 1, "delivery_start", "0")
    care.hang_first(start, 1)
    _over_two_hours(care, start)


def _over_two_hours(care: Care, start: datetime) -> None:
    for minute in range(10, 133, 10):
        care.vitals(start + minute * MINUTE, 1, min(minute, 30))
    for minute in (15, 30, 60, 90, 120):
        for scale, value in (("moaas", 5), ("dissociation", 2), ("nausea", 0), ("pain", 6 - minute // 40)):
            care.rate(start + (minute + 1) * MINUTE, 1, scale, value)
    for minute in range(5, 133, 5):
        care.read_pump(start + (minute + 2) * MINUTE, 1)
    care.make_up(start + 95 * MINUTE, 1)
    care.hand_over(start + 104 * MINUTE, 1)
    care.pump_says(start + 118 * MINUTE, 1, "delivery_stop", "97.6")
    care.hang_next(start + 119 * MINUTE, 1)
    care.pump_says(start + 120 * MINUTE, 1, "delivery_start", "97.6")
    care.account_for_bag(start + 124 * MINUTE, 1)


LONGER = {
    "LT-0415": (INFUSION_OF_KETAMINE, _with_days_away),
    "LT-0429": (A_RANGE_OF_KETAMINE, _stepped),
    "LT-0433": (NASAL_SPRAY, _in_week_six),
    "LT-0438": (INFUSION_OF_KETAMINE, _after_a_long_pause),
}
"""By the number of the person: what they are treated with, and their story."""
TELL = {
    Stage.REFERRED: _referred,
    Stage.HISTORY: _half,
    Stage.READY: _ready,
    Stage.NOT_ELIGIBLE: _not_eligible,
    Stage.DECIDED: _decided,
    Stage.PLANNED: _planned,
    Stage.TODAY: _today,
    Stage.LIVE: _live,
    Stage.RECOVERY: _recovery,
    Stage.INDUCTION: _induction,
    Stage.INDUCTION_DONE: _induction_done,
    Stage.MAINTENANCE: _maintenance,
    Stage.ENDED: upkeep.ended_well(_course),
}

BY_OTHER_ROUTES = {
    (Stage.INDUCTION, 1): (NASAL_SPRAY_FROM_65, _sprayed),
    (Stage.TODAY, 2): (NASAL_SPRAY_FROM_65, _sprays_today),
    (Stage.INDUCTION, 2): (INTO_THE_MUSCLE, _once),
    (Stage.INDUCTION, 3): (UNDER_THE_SKIN, _induction),
    (Stage.INDUCTION, 4): (BY_MOUTH, _once),
    (Stage.DECIDED, 1): (OVER_HOURS, _over_hours),
    (Stage.MAINTENANCE, 1): (INFUSION_OF_KETAMINE, upkeep.stretched(_course)),
    (Stage.MAINTENANCE, 2): (INFUSION_OF_KETAMINE, upkeep.lost(_course)),
    (Stage.MAINTENANCE, 3): (INFUSION_OF_KETAMINE, upkeep.paused(_course)),
    (Stage.MAINTENANCE, 4): (INFUSION_OF_KETAMINE, upkeep.relapsed(_course)),
}
"""(stage, how many of that stage were told before) -> what they are treated with, and their story."""
