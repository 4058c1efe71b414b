"""The due list of a clinic of 5,000 charts, read from the tables: the command's answer, the planner's page, today's."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid5

from django.test import Client
from django.utils import timezone

from lowtide.pathway.course.models import DueRow
from lowtide.pathway.maintenance.models import FadeRow, UpkeepRow
from lowtide.people.models import PatientIndex, User
from lowtide.site.commands.due import listed
from tests.benchmarks.figures import Figure, wall_s

CHARTS, EACH_S = 5_000, 1.0
SPACE = UUID("6a0d1f5e-0000-4000-8000-0000000005a1")


def figures(home: Path, *, smoke: bool) -> Iterator[Figure]:
    charts = 200 if smoke else CHARTS
    _fill(charts)
    rows = DueRow.objects.count()
    note = f"{charts} charts, {rows} rows, as one document"
    yield from _measured("due list of the clinic", lambda: len(listed(timezone.now(), whole=True)[0]), note)
    desk = Client(HTTP_HOST="localhost")
    desk.force_login(User.objects.get(username="prescriber"))
    for what, address in (("planner", "/planner"), ("today's worklist", "/today")):
        _opened(
            desk, address
        )  # the first page of a process loads its modules and templates: a server does that once
        yield from _measured(
            f"{what} of the same clinic", lambda at=address: _opened(desk, at), f"{charts} charts"
        )  # type: ignore[misc]


def _measured(what: str, do: Callable[[], object], note: str) -> Iterator[Figure]:
    """Wall time has the budget; processor time beside it tells a slow program from a busy computer."""
    began = time.process_time()
    taken = wall_s(do)
    yield Figure(f"{what}, wall", taken, "s", EACH_S, note=note)
    yield Figure(f"{what}, CPU", time.process_time() - began, "s", EACH_S)


def _opened(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200, address


def _fill(charts: int) -> None:
    """Copies of the rows of those of the demonstration who are in maintenance, under charts that do not exist."""
    now = timezone.now()
    patterns = list(UpkeepRow.objects.all())
    due = {row.stream: list(DueRow.objects.filter(stream=row.stream)) for row in patterns}
    people, upkeep, items, fades = [], [], [], []
    for n in range(charts):
        like = patterns[n % len(patterns)]
        stream = f"chart:{uuid5(SPACE, str(n))}"
        who = PatientIndex.objects.get(stream=like.stream) if n < len(patterns) else people[n % len(patterns)]
        people.append(_copy(who, key=stream, stream=stream, number=f"B-{n:05}"))
        upkeep.append(_copy(like, key=stream, stream=stream))
        items += [
            _copy(i, key=f"{stream}|{i.task}|{k}", stream=stream) for k, i in enumerate(due[like.stream])
        ]
        opens = now + timedelta(days=n % 40)
        fades.append(FadeRow(stream=stream, mark="", numbers="", made_at=now, opens_at=opens, why_not=""))
    for model, made in ((PatientIndex, people), (UpkeepRow, upkeep), (DueRow, items), (FadeRow, fades)):
        model._default_manager.bulk_create(made, batch_size=500)


def _copy(row: object, **changes: str) -> object:
    names = [f.attname for f in row._meta.concrete_fields]  # type: ignore[attr-defined]
    return type(row)(**({name: getattr(row, name) for name in names} | changes))
