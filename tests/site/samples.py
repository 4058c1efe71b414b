"""One synthetic patient and her day, to fill every part of the look: Ines Halvorsen is invented, and so is every number."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.utils.safestring import mark_safe

from lowtide.pathway.course.drawing import session_chart, session_data, sparkline, timeline, timeline_data
from lowtide.pathway.course.drawing.session_data import (
    BandPoint,
    Event,
    Gap,
    Infusion,
    Limit,
    Pressure,
    Reading,
    SessionChart,
    Trace,
)
from lowtide.pathway.course.drawing.timeline_data import (
    Band,
    Flag,
    ForecastPoint,
    Goal,
    Phase,
    Score,
    Session,
    Timeline,
    Window,
)

ZERO = datetime(2026, 11, 24, 10, 2, tzinfo=UTC)
TODAY = datetime(2026, 11, 24, 9, 55, tzinfo=UTC)


def on(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


SCORES = [
    (9, 20, 19, 1),
    (9, 29, 20, 1),
    (10, 2, 15, 1),
    (10, 6, 13, 0),
    (10, 9, 10, 0),
    (10, 13, 9, 0),
    (10, 16, 7, 0),
]
SCORES += [(10, 25, 6, 0), (11, 1, 9, 0), (11, 3, 10, 0), (11, 8, 6, 0), (11, 15, 7, 0), (11, 22, 9, 0)]
DOSES = [
    (9, 29, "36.0"),
    (10, 2, "36.0"),
    (10, 6, "36.5"),
    (10, 9, "36.5"),
    (10, 13, "36.5"),
    (10, 16, "36.5"),
    (11, 3, "36.5"),
]


def forecast() -> tuple[ForecastPoint, ...]:
    def point(days: int) -> ForecastPoint:
        rise, half = 4.6 * days / (days + 12), 0.6 + days * 0.05
        m = 9 + rise
        return ForecastPoint(
            at=on(11, 22) + timedelta(days=days),
            median=m,
            p25=m - half,
            p75=m + half,
            p5=m - 2.1 * half,
            p95=m + 2.4 * half,
        )

    return tuple(point(days) for days in range(26))


COURSE = Timeline(
    key="course",
    title="Course 1, depression",
    instrument="PHQ-9",
    low=0,
    high=27,
    today=TODAY,
    bands=(
        Band(label="minimal", low=0, high=4),
        Band(label="mild", low=5, high=9),
        Band(label="moderate", low=10, high=14),
        Band(label="mod. severe", low=15, high=19),
        Band(label="severe", low=20, high=27),
    ),
    scores=tuple(Score(at=on(m, d), value=v, item_nine=n) for m, d, v, n in SCORES),
    has_item_nine=True,
    sessions=(
        *(Session(at=on(m, d), dose_mg=Decimal(mg)) for m, d, mg in DOSES),
        Session(at=TODAY, dose_mg=Decimal("36.5"), planned=True),
    ),
    route="IV",
    response=Goal(value=10, text="response: 10 or less"),
    remission=Goal(value=4.5, text="remission: under 5"),
    phases=(
        Phase(label="evaluation", start=on(9, 14), end=on(9, 28)),
        Phase(label="induction, 6 sessions", start=on(9, 29), end=on(10, 16)),
        Phase(label="maintenance", start=on(10, 17)),
    ),
    onset=Flag(at=on(10, 6), text="Onset, day 7", detail="first fall of 6 points or more"),
    window=Window(start=on(11, 22), end=on(12, 3), median=on(11, 26)),
    forecast=forecast(),
)


def at(minutes: float) -> datetime:
    return ZERO + timedelta(minutes=minutes)


def band() -> tuple[BandPoint, ...]:
    def point(minute: int) -> BandPoint:
        rise = 16 * minute / 40 if minute <= 40 else 16 - 9 * (minute - 40) / 35
        m, half = 128 + rise, 1 + minute * 0.08 if minute < 40 else 4.2
        return BandPoint(
            at=at(minute), median=m, p25=m - half, p75=m + half, p5=m - 2 * half, p95=m + 2.6 * half
        )

    return tuple(point(minute) for minute in range(0, 75, 2))


def wobble(minute: int) -> float:
    return ((minute * 7919) % 13 - 6) / 4


SESSION = SessionChart(
    key="session",
    title="Session 8",
    zero=ZERO,
    until=at(75),
    now=at(32),
    pressures=(
        Pressure(at=at(-8), systolic_mmhg=128, diastolic_mmhg=80),
        Pressure(at=at(10), systolic_mmhg=136, diastolic_mmhg=84),
        Pressure(at=at(20.5), systolic_mmhg=143, diastolic_mmhg=88),
    ),
    heart_rate=Trace(
        readings=tuple(
            Reading(at=at(m), value=round(76 + max(m, 0) * 0.33 + wobble(m))) for m in range(-9, 33)
        ),
        join_within=timedelta(minutes=2),
    ),
    saturation=Trace(
        readings=tuple(
            Reading(at=at(m), value=round(97.5 + wobble(m + 5) / 3))
            for m in range(-9, 33)
            if m not in (14, 15, 16)
        ),
        join_within=timedelta(minutes=2),
    ),
    gaps=(Gap(at=at(30), text="late", late=True),),
    infusion=Infusion(
        start=ZERO, planned_end=at(40), planned_mg=Decimal("36.5"), delivered_mg=Decimal("29.4")
    ),
    events=(
        Event(at=at(6), text="tingling"),
        Event(at=at(14), text="eyes shut"),
        Event(at=at(23), text="floating"),
    ),
    systolic_limit=Limit(value=160, text="160 tell Dr Voss · unverified default"),
    saturation_limit=Limit(value=94, text="94 · unverified default"),
    forecast=band(),
)

SPARK = sparkline.Spark(
    key="spark", title="PHQ-9", points=tuple((s.at, s.value) for s in COURSE.scores), low=0, high=27, goal=10
)

PATIENT = {
    "name": "Ines Halvorsen",
    "url": "#chart",
    "sex_age": "F, 43 y",
    "born": "14 Mar 1983",
    "number": "LT-0417",
    "weight": {"value": "73.0", "unit": "kg", "age": "today 09:41, scale B", "old": False},
    "allergies": {"text": "none known", "age": "asked today"},
}
ALERTS = [
    {
        "level": "stop",
        "word": "Item 9",
        "text": "PHQ-9 item 9 answered “more than half the days”, today 07:42",
        "url": "#risk",
        "link": "Open the risk page",
    },
    {
        "level": "caution",
        "word": "Look-alike",
        "text": "Inez Halvorson, born 14 May 1983, is a patient here too",
        "url": "#other",
        "link": "Compare",
    },
]
RAIL = [
    {"label": "Evaluate", "url": "#1", "state": "Eligible with conditions · 21 Sep", "stage": "past"},
    {"label": "Plan", "url": "#2", "state": "0.5 mg/kg IV · to sign today", "stage": "past"},
    {"label": "Session", "url": "#3", "state": "8th today, 10:00 · chair 3", "stage": "past"},
    {"label": "Outcomes", "url": "#4", "state": "PHQ-9 9 · response holds", "stage": "past"},
    {"label": "Maintain", "url": "#5", "state": "Window 22 Nov to 3 Dec", "stage": "here"},
    {"label": "Watch", "url": "#6", "state": "1 due today · next 20 Dec", "stage": "ahead"},
]
NEXT = {
    "title": "Sign today’s dose: 36.5 mg IV over 40 min",
    "text": "Session 8 is inside her window, 22 Nov to 3 Dec. Nothing blocks it; the bladder check is due after it.",
    "actions": [
        {"label": "Change date", "url": "#date"},
        {"label": "Open dose sheet", "url": "#dose", "main": True},
    ],
}
URGENT = {
    "level": "stop",
    "word": "Urgent",
    "why": "PHQ-9 item 9 answered “more than half the days”, portal, today 07:42",
    "title": "Call Noor Castellanos before 08:42",
    "text": "Owner: you, since 07:43. Last session 17 Nov, 34.5 mg IV. Her last four answers: 0, 0, 1, 0.",
    "actions": [
        {"label": "Hand over", "url": "#over"},
        {"label": "Open and call", "url": "#call", "main": True, "icon": "phone"},
    ],
}
BLOCKED = {
    "level": "hold",
    "word": "One thing left",
    "title": "Record that her escort has come",
    "text": "Named: Jonas Halvorsen, brother, due 12:00.",
    "actions": [
        {"label": "He is here", "url": "#here", "main": True, "post": True},
        {"label": "Sign session", "left": "her escort is not recorded"},
    ],
}
DUE = [
    {
        "label": "Liver panel",
        "state": "late",
        "when": "6 days late",
        "detail": "due 18 Nov: every 3 months.",
        "unverified": "unverified default",
        "unverified_url": "#rule",
    },
    {
        "label": "Bladder questionnaire, dipstick",
        "state": "due",
        "when": "today",
        "detail": "Every 4 sessions, this is the 8th",
        "url": "#bladder",
    },
    {"label": "Urine drug screen", "state": "planned", "when": "by 20 Dec", "detail": "Random, 3-monthly"},
    {
        "label": "Prescription monitoring",
        "state": "done",
        "when": "today",
        "detail": "Nothing new · checked 08:20",
    },
]
FINDINGS = [
    {
        "level": "hold",
        "word": "Hold",
        "title": "TIA in 2019",
        "text": "Neurology clearance first.",
        "differ": "the Ketalar monograph names stroke history a serious hazard; the EU leaflet asks for caution.",
        "value": "May 2019",
        "boundary": "referral letter, p. 2",
        "sources": [{"text": "C010 · trials, Ketalar, EU leaflet", "url": "#c010"}],
    },
    {
        "level": "unknown",
        "word": "Not asked",
        "title": "Seizure in the last 12 months",
        "text": "A seizure within 365 days, or uncontrolled epilepsy, would defer to neurology.",
        "unverified": [{"text": "C038 · 12 months unverified", "url": "#c038"}],
    },
    {
        "level": "caution",
        "word": "Caution",
        "title": "Lorazepam over 2 mg/day",
        "text": "More sedation, shorter effect. None within 12 h of a session; never stop abruptly.",
        "value": "3 mg/day",
        "boundary": "medicine list, 22 Nov",
        "sources": [{"text": "C055 · RCT", "url": "#c055"}],
    },
]
LINES = [
    {"at": "09:41", "day": "today", "tag": "Weight", "text": "73.0 kg, scale B · S. Ortega"},
    {
        "at": "09:30",
        "day": "today",
        "tag": "Blood pressure",
        "text": "128/80, left arm",
        "was": "138/80",
        "corrected": "by S. Ortega 09:52: misread",
        "late": True,
    },
]
KEYPAD = {
    "title": "Blood pressure, T+30",
    "who": "Ines Halvorsen · taken now, 10:34",
    "action": "#record",
    "fields": [
        {"name": "systolic_mmhg", "label": "Systolic", "last": "last 143, 12 min ago"},
        {"name": "diastolic_mmhg", "label": "Diastolic", "last": "last 88, 12 min ago"},
    ],
    "choices": [
        {"name": "arm", "value": "left", "label": "Left arm", "chosen": True},
        {"name": "arm", "value": "right", "label": "Right arm"},
        {"name": "arm", "value": "earlier", "label": "Taken earlier"},
    ],
}
HUD = [
    {"label": "since start, 10:02", "value": "32:10"},
    {"label": "BP mmHg", "age": "12 min old", "value": "143/88"},
    {"label": "HR /min", "age": "monitor", "value": "86"},
    {"label": "SpO₂", "age": "monitor", "value": "97", "unit": "%"},
    {"label": "last logged", "value": "10:32", "note": "S. Ortega", "small": True},
]
SHELL = {
    "demo": True,
    "nav": [
        ("Today", "#today", False),
        ("Chairs", "#chairs", False),
        ("Patients", "#patients", True),
        ("Safe", "#safe", False),
        ("Rules", "#rules", False),
    ],
    "search_url": "#find",
    "signed_in": {"name": "Dr Hanne Voss", "role": "Prescriber", "clinic": "North Quay Clinic", "id": "7"},
    "lock_url": "#lock",
    "account_links": [("Keys and codes", "#keys"), ("Change password", "#password")],
    "server_now": TODAY,
    "clinic_name": "North Quay Clinic",
}


def everything() -> dict[str, object]:
    """Context that fills every template of the look."""
    return {
        **SHELL,
        "patient": {**PATIENT, "alerts": ALERTS},
        "rail": RAIL,
        "hud": HUD,
        "session_line": "session 8 · chair 3",
        "next": NEXT,
        "urgent": URGENT,
        "blocked": BLOCKED,
        "due": DUE,
        "findings": FINDINGS,
        "lines": LINES,
        "keypad": KEYPAD,
        "course_svg": mark_safe(timeline.draw(COURSE)),
        "course_table": timeline_data.table(COURSE),
        "session_svg": mark_safe(session_chart.draw(SESSION)),
        "session_table": session_data.table(SESSION),
        "spark_svg": mark_safe(sparkline.draw(SPARK)),
    }
