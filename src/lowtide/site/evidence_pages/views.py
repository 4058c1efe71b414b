"""The clinicians' pages on evidence: what the trials say by indication, each study with its rows, and claims judged."""

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from lowtide.data.claims import WORDS
from lowtide.data.evidence_certainty import certainty
from lowtide.data.evidence_pages import Page, pages
from lowtide.data.evidence_words import words
from lowtide.pathway.course.trial_answers import known, standing
from lowtide.people.roles import Permission
from lowtide.people.who import Request, needs
from lowtide.science.evidence.bias import randomised, risk
from lowtide.science.evidence.selection import Question
from lowtide.site import conversions as equal_scores
from lowtide.site.evidence_pages import page, reactions, rows
from lowtide.site.evidence_pages.forest import named


def asks_for_recalled(request: Request) -> bool:
    return request.GET.get("unverified") == "1"


@needs(Permission.SEE_RULES)
@require_GET
def overview(request: Request) -> HttpResponse:
    """Every indication with its first answers and how many trials there are."""
    return render(request, "evidence/overview.html", _overview(known().digest, page.texts()))


@lru_cache(maxsize=4)
def _overview(digest: str, texts: str) -> dict[str, Any]:
    now = standing()
    every = [
        (one, words().indication[one.id].label, page.studies(now.tables, one.id)) for one in pages().values()
    ]
    return {
        "indications": [
            {
                "id": one.id,
                "label": label,
                "trials": sum(randomised(s) for s in its),
                "others": sum(not randomised(s) for s in its),
                "reviewed": page.reviewed_trials(one, now),
                "answers": [
                    page.answer_row(now.answers[a], now) for a in one.answers[:2] if a in now.answers
                ],
                "unknown": page.unknown(one, now)[:1],
            }
            for one, label, its in every
        ],
        "counts": {"studies": len(now.tables.studies), "claims": len(now.claims)},
    }


@needs(Permission.SEE_RULES)
@require_GET
def indication(request: Request, name: str) -> HttpResponse:
    """One indication: what was compared, how fast, how long, at what price, and what nobody knows."""
    found = pages().get(name)
    if found is None:
        raise Http404("no such indication")
    asked = _asked(request, found)
    odd = bool(request.GET.get("outcome")) and not _offered(request, found)
    about = _indication(found.id, asked, known().digest, page.texts())
    return render(request, "evidence/indication.html", about | {"odd": odd})


def _offered(request: Request, of: Page) -> bool:
    return (request.GET.get("outcome", ""), request.GET.get("at", "")) in of.asked


def _asked(request: Request, of: Page) -> Question:
    """The comparison that was chosen, of those that the page offers; the first one by default."""
    chosen = (request.GET.get("outcome", ""), request.GET.get("at", ""))
    outcome, at = chosen if chosen in of.asked else of.asked[0] if of.asked else ("response", "")
    return Question(of.id, outcome, at or None, asks_for_recalled(request))


@lru_cache(maxsize=128)
def _indication(name: str, asked: Question, digest: str, texts: str) -> dict[str, Any]:
    """Drawn once for each state of the data, of which it is a pure function."""
    about = {"label": words().indication[name].label, "asked": asked, "unverified": asked.unverified}
    shown = about | {"asked_label": page.choice_label(asked.outcome, asked.at or "")}
    body = render_to_string("evidence/indication_body.html", shown | page.whole(pages()[name], asked))
    return about | {"body": mark_safe(body)}  # noqa: S308  our own template, escaped there


@needs(Permission.SEE_RULES)
@require_GET
def study(request: Request, key: str) -> HttpResponse:
    """One study: how it was made, its risk of bias with reasons, and every row with where it was seen."""
    tables = known().tables
    found = tables.study.get(key)
    if found is None:
        raise Http404("no such study")
    unverified = asks_for_recalled(request)
    blocks = rows.blocks(tables, key, unverified=unverified)
    about = {
        "study": found,
        "name": named(tables, key),
        "blocks": blocks,
        "hidden": sum(block.hidden for block in blocks),
        "unverified": unverified,
        "risk": risk(found, tables.bias, certainty()),
        "domains": certainty().domains,
        "indications": [
            (name, of.label) for name, of in words().indication.items() if of.reads(found.condition)
        ],
    }
    return render(request, "evidence/study.html", about)


@needs(Permission.SEE_RULES)
@require_GET
def review(request: Request, key: str) -> HttpResponse:
    """One published pooled result as it was printed."""
    found = next((p for p in known().tables.pooled if p.pooled_id == key), None)
    if found is None:
        raise Http404("no such review")
    return render(request, "evidence/review.html", {"row": found, "said": rows.review(found)})


@needs(Permission.SEE_RULES)
@require_GET
def rates(request: Request) -> HttpResponse:
    """Every row of the rates of reactions: labels, long-term studies, reports, as they were printed."""
    return render(request, "evidence/rates.html", {"rows": reactions.every()})


@needs(Permission.SEE_RULES)
@require_GET
def conversions(request: Request) -> HttpResponse:
    """Tables of equal scores on two instruments, as published, with their error."""
    tables, unverified = known().tables, asks_for_recalled(request)
    about = {
        "tables": equal_scores.every(tables, unverified=unverified),
        "said": equal_scores.FOR,
        "unverified": unverified,
        "hidden": sum(not row.verified for row in tables.conversions),
    }
    return render(request, "evidence/conversions.html", about)


@needs(Permission.SEE_RULES)
@require_GET
def claims(request: Request) -> HttpResponse:
    """What people say, judged by the rows: verdict, conditions, answers behind it, and when it was last checked."""
    return render(request, "evidence/claims.html", {"claims": _claims(known().digest, page.texts())})


@lru_cache(maxsize=4)
def _claims(digest: str, texts: str) -> list[dict[str, Any]]:
    now = standing()
    return [
        {
            "claim": one.claim,
            "verdict": one.verdict,
            "word": WORDS[one.verdict],
            "why": one.why,
            "since": one.since,
            "moved": [now.answers[a].said.about if a in now.answers else a for a in one.since.moved],
            "came": [(named(now.tables, s), page.study_url(s)) for s in one.since.trials],
            "tried": [
                (WORDS[line.verdict], line.holds, [page.judged_by(c, now) for c in line.conditions])
                for line in one.tried
            ],
            "answers": [page.answer_row(now.answers[a], now) for a in one.answers if a in now.answers],
        }
        for one in now.claims.values()
    ]
