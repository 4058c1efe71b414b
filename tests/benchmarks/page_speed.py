"""Pages: CPU and queries of each, with the fold cached, through every middleware but without the network."""

from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lowtide.data.evidence_pages import pages
from lowtide.data.questions import questions
from lowtide.pathway.session.models import Session
from lowtide.people.models import PatientIndex, User
from tests.benchmarks.figures import Figure, cpu_ms, wall_s

PAGE_MS, FRAGMENT_MS, QUERIES = 30, 10, 12


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    runs = 5 if smoke else 40
    nurse = Client(HTTP_HOST="localhost")
    nurse.force_login(User.objects.get(username="nurse"))
    for what, address, limit in _pages():
        yield from _page(nurse, what, address, limit, runs)
    yield from _pdf(home)
    yield from _session_papers(nurse)


def _pages() -> Iterator[tuple[str, str, float]]:
    """What is measured: the session that has been charted longest, and the chart with the most sessions."""
    session = Session.objects.filter(open=True).order_by("started_at").first()
    assert session
    at_chair = f"/patients/{session.stream.removeprefix('chart:')}/sessions/{session.key}"
    chart = f"/patients/{_longest().removeprefix('chart:')}"
    yield "chart, course page", f"{chart}/", PAGE_MS
    yield "chart, whole record", f"{chart}/record", PAGE_MS
    yield "flowsheet page", at_chair, PAGE_MS
    yield "flowsheet, keypad", f"{at_chair}/enter/bp", PAGE_MS
    yield "flowsheet, live fragment", f"{at_chair}/live", FRAGMENT_MS
    yield "chair board", "/chairs", PAGE_MS
    yield "chair board, live fragment", "/chairs/live", FRAGMENT_MS
    yield "today's worklist", "/today", PAGE_MS
    yield from _evidence(chart)


def _evidence(chart: str) -> Iterator[tuple[str, str, float]]:
    """From an analysis that is kept by the data's fingerprint: clinicians' pages, one person's, and patients'."""
    yield "evidence, overview", "/evidence/", PAGE_MS
    for name in pages():
        yield f"evidence, {name}", f"/evidence/{name}/", PAGE_MS
    yield "evidence, with recalled rows", "/evidence/trd/?unverified=1", PAGE_MS
    yield "evidence, claims", "/evidence/claims", PAGE_MS
    yield "evidence, instruments", "/evidence/conversions", PAGE_MS
    yield "evidence, one study", "/evidence/studies/Lii2023/", PAGE_MS
    yield "evidence, rates of reactions", "/evidence/rates", PAGE_MS
    yield "evidence for one person", f"{chart}/evidence", PAGE_MS
    yield "what people ask", "/questions/", PAGE_MS
    yield "what people ask, claims", "/questions/claims", PAGE_MS
    for question in questions().question:
        yield f"what people ask, {question.slug}", f"/questions/{question.slug}", PAGE_MS


def _longest() -> str:
    streams = list(Session.objects.values_list("stream", flat=True))
    return max(sorted(set(streams)), key=streams.count)


def _page(nurse: Client, what: str, address: str, limit: float, runs: int) -> Iterator[Figure]:
    def get() -> None:
        answer = nurse.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    taken = cpu_ms(get, runs)
    with CaptureQueriesContext(connection) as queries:
        get()
    asked = len(queries)
    size = len(nurse.get(address).content) / 1000
    yield Figure(f"{what}, CPU", taken, "ms", limit, note=f"{size:.0f} kB")
    yield Figure(f"{what}, queries", asked, "", QUERIES)


def _pdf(home: Path) -> Iterator[Figure]:
    """The summary of the longest chart, the library's import among it."""
    from lowtide.documents import chart_summary, pdf
    from lowtide.people.charts import identity, whole_chart
    from lowtide.people.clinic import this_clinic, zone

    stream = _longest()
    chart, made = whole_chart(stream), home / "chart.pdf"
    who = PatientIndex.objects.get(stream=stream)
    patient = identity(chart, who.stream.removeprefix("chart:"))  # type: ignore[arg-type]
    assert patient

    def make() -> None:
        page = chart_summary.html(chart, patient, this_clinic(), zone(), timezone.now())
        made.write_bytes(pdf.from_html(page))

    try:
        taken = wall_s(make)
    except pdf.NoPango as missing:
        yield Figure("PDF of a whole chart", 0, "s", note=f"not measured: {missing}")
        return
    note = f"{len(chart)} entries, {made.stat().st_size / 1000:.0f} kB, first of the process"
    yield Figure("PDF of a whole chart, wall", taken, "s", 5, note=note)


def _session_papers(nurse: Client) -> Iterator[Figure]:
    """Every document of the latest signed sessions, each as PDF, as a browser gets it."""
    from lowtide.data.documents import kinds
    from lowtide.documents import pdf

    try:
        pdf.check()
    except pdf.NoPango as missing:
        yield Figure("PDF of a session", 0, "s", note=f"not measured: {missing}")
        return
    for kind in kinds():
        if made := [seconds for s in _signed() if (seconds := _made_in_s(nurse, _paper(s, kind)))]:
            yield Figure(f"PDF of a session: {kind}, wall", max(made), "s", 5, note=f"worst of {len(made)}")


def _made_in_s(nurse: Client, address: str) -> float:
    """How long the paper takes; nothing where this session has none of its kind."""
    answered = list[int]()
    seconds = wall_s(lambda: answered.append(nurse.get(address).status_code))
    return seconds if answered == [200] else 0.0


def _signed() -> list[Session]:
    return list(Session.objects.filter(signed_at__isnull=False).order_by("-signed_at")[:5])


def _paper(session: Session, kind: str) -> str:
    return f"/patients/{session.stream.removeprefix('chart:')}/sessions/{session.key}/documents/{kind}.pdf"
