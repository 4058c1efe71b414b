"""What each role may do, as plain code. A role is a description and a set of permissions; nothing is inherited."""

from enum import StrEnum

import msgspec


class Permission(StrEnum):
    """Small on purpose: what a person may do, not which page they may open."""

    SEE_TODAY = "see today's worklist and the chairs"
    FIND_PATIENT = "find patients and see who they are"
    EDIT_IDENTITY = "register patients and correct who they are"
    SEE_CHART = "read a chart"
    WRITE_HISTORY = "take a history, add results and medicines"
    REVIEW_RESULT = "review results"
    DECIDE = "decide on candidacy and plan a course"
    ORDER = "sign a dose order"
    BOOK = "book and move sessions"
    CHART_SESSION = "chart at the chair"
    USE_TABLET = "work at a shared tablet, by PIN and without the network"
    SIGN_SESSION = "sign a session off"
    SCORE = "enter questionnaires"
    CLOSE_RISK = "act on suicidality answers"
    WRITE_THERAPY = "write therapy notes"
    IMPORT = "import records from elsewhere"
    REFERRALS = "take in people who asked to be contacted"
    LINK = "join and part charts"
    REDACT = "redact an entry"
    SEE_RULES = "read rules, protocols and policies"
    MANAGE_POLICY = "adopt policies and approve numbers"
    SET_HOURS = "set opening hours and closed days"
    MANAGE_STAFF = "manage staff and the clinic"
    REVIEW_ACCESS = "review who read what"
    SEE_REGISTRY = "see what many charts say together"
    SEND_DOCUMENTS = "send documents and record what became of them"
    SEE_SAFE = "see the controlled-drug safe"
    USE_SAFE = "draw from the safe, receive and count"
    WITNESS_SAFE = "witness at the safe"
    KEEP_SAFE = "adjust, destroy, hold lots and close cases of the safe"
    OWN_PLACE = "see and answer for oneself"


class Role(msgspec.Struct, frozen=True):
    label: str
    about: str
    permissions: frozenset[Permission]


P = Permission
_CHARTING = {P.SEE_TODAY, P.FIND_PATIENT, P.SEE_CHART, P.SCORE, P.SEE_RULES, P.USE_TABLET}
_SAFE = {P.SEE_SAFE, P.USE_SAFE, P.WITNESS_SAFE}

ROLES: dict[str, Role] = {
    "prescriber": Role(
        "Prescriber",
        "decides who is treated and with what dose",
        frozenset(
            {
                *_CHARTING,
                *_SAFE,
                P.EDIT_IDENTITY,
                P.WRITE_HISTORY,
                P.REVIEW_RESULT,
                P.DECIDE,
                P.ORDER,
                P.BOOK,
                P.CHART_SESSION,
                P.SIGN_SESSION,
                P.CLOSE_RISK,
                P.IMPORT,
                P.SEND_DOCUMENTS,
                P.REFERRALS,
                P.LINK,
            }
        ),
    ),
    "nurse": Role(
        "Nurse",
        "runs the session at the chair",
        frozenset(
            {
                *_CHARTING,
                *_SAFE,
                P.EDIT_IDENTITY,
                P.WRITE_HISTORY,
                P.BOOK,
                P.CHART_SESSION,
                P.SIGN_SESSION,
                P.CLOSE_RISK,
                P.IMPORT,
                P.SEND_DOCUMENTS,
                P.REFERRALS,
            }
        ),
    ),
    "therapist": Role(
        "Therapist",
        "prepares, accompanies and integrates",
        frozenset({*_CHARTING, P.WRITE_THERAPY, P.CLOSE_RISK}),
    ),
    "front_desk": Role(
        "Front desk",
        "registers and books; sees no clinical content",
        frozenset(
            {
                P.SEE_TODAY,
                P.FIND_PATIENT,
                P.EDIT_IDENTITY,
                P.BOOK,
                P.SET_HOURS,
                P.REFERRALS,
                P.SEND_DOCUMENTS,
            }
        ),
    ),
    "medical_director": Role(
        "Medical director",
        "answers for the clinic",
        frozenset(
            {
                *_CHARTING,
                *_SAFE,
                P.KEEP_SAFE,
                P.EDIT_IDENTITY,
                P.WRITE_HISTORY,
                P.REVIEW_RESULT,
                P.DECIDE,
                P.ORDER,
                P.BOOK,
                P.CHART_SESSION,
                P.SIGN_SESSION,
                P.CLOSE_RISK,
                P.IMPORT,
                P.SEND_DOCUMENTS,
                P.REFERRALS,
                P.LINK,
                P.REDACT,
                P.MANAGE_POLICY,
                P.MANAGE_STAFF,
                P.SET_HOURS,
                P.REVIEW_ACCESS,
                P.SEE_REGISTRY,
            }
        ),
    ),
    "researcher": Role(
        "Researcher",
        "learns from many charts, sees none",
        frozenset({P.SEE_RULES, P.SEE_REGISTRY}),
    ),
    "administrator": Role(
        "Administrator",
        "keeps the system running; sees no clinical content",
        frozenset({P.MANAGE_STAFF, P.SET_HOURS, P.REVIEW_ACCESS, P.SEE_RULES}),
    ),
    "patient": Role("Patient", "sees and answers for themselves", frozenset({P.OWN_PLACE})),
}

BY_PIN = frozenset(
    {
        P.SEE_TODAY,
        P.FIND_PATIENT,
        P.SEE_CHART,
        P.SCORE,
        P.SEE_RULES,
        P.SEE_SAFE,
        P.CHART_SESSION,
        P.WRITE_THERAPY,
        P.CLOSE_RISK,
        P.USE_TABLET,
    }
)
"""What a sign-in by PIN opens of what the role includes: the work at the chair. What signs, orders, opens the safe or
changes who may do what takes the person's own full sign-in."""

CLINICAL_LEAD_HOLDERS = frozenset({"prescriber", "medical_director"})


def permissions(roles: tuple[str, ...], *, clinical_lead: bool = False) -> frozenset[Permission]:
    """What somebody with these roles may do; the clinical-lead grant adds the approval of numbers."""
    held = frozenset[Permission]().union(*(ROLES[r].permissions for r in roles))
    if clinical_lead and not CLINICAL_LEAD_HOLDERS.isdisjoint(roles):
        held |= {P.MANAGE_POLICY}
    return held
