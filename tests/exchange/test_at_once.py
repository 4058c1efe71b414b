"""Imports that run at the same time, on a database they commit to for real."""

from threading import Barrier, Thread

from django.db import connections

from lowtide.exchange.imports import import_files
from lowtide.exchange.report import ImportReport
from lowtide.people.models import PatientIndex
from lowtide.record.verify import verify
from tests.exchange.making import bundle, condition, file, patient
from tests.exchange.report import SAMPLES, File


def test_two_imports_at_once_write_each_thing_once(own_database: None) -> None:
    path = next((SAMPLES / "synthea-r4-bundles").glob("Milan*"))
    files = [File("m.json", path.read_bytes()), file(bundle(patient(), condition()))]
    start = Barrier(3)
    found: list[ImportReport] = []

    def run(by: str) -> None:
        start.wait()
        found.append(import_files(files, by=by))
        connections.close_all()

    threads = [Thread(target=run, args=(f"staff:{name}",)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r.refused for r in found] == [()] * 3
    assert {r.imported + r.kept_only + r.unchanged for r in found} == {222}
    assert PatientIndex.objects.count() == 2
    assert len({p.number for p in PatientIndex.objects.all()}) == 2
    assert verify().ok
