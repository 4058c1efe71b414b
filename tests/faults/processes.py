"""Real processes and threads on the database of a test."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection, connections

ROOT = Path(__file__).parents[2]


def environment(home: Path) -> dict[str, str]:
    """What a process needs to find this test's own database; its home is `home`."""
    home.mkdir(exist_ok=True)
    (home / "secret-key").write_text(settings.SECRET_KEY)  # so that sign-ins made here hold there
    found = {k: v for k, v in os.environ.items() if not k.startswith(("LOWTIDE_", "DJANGO_"))}
    found |= {
        "LOWTIDE_HOME": str(home),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "PYTHONUNBUFFERED": "1",
    }
    s = connection.settings_dict
    if connection.vendor == "sqlite":
        database = home / "lowtide.sqlite3"
        if not database.exists():
            database.symlink_to(s["NAME"])
        return found
    host = quote(s["HOST"], safe="")
    return found | {
        "LOWTIDE_DATABASE_URL": f"postgresql://{quote(s['USER'])}:{quote(s['PASSWORD'])}@/{s['NAME']}?host={host}"
    }


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """`python -m arguments…` on the test's own database, its output readable line by line."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env=environment(home),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def at_once(*work: Callable[[], object]) -> list[object]:
    """Run each in a thread of its own, all begun together; answers what each answered or raised."""
    gate, answers = threading.Barrier(len(work)), [None] * len(work)

    def run(place: int, one: Callable[[], object]) -> None:
        gate.wait()
        try:
            answers[place] = one()  # type: ignore[call-overload]
        except Exception as error:
            answers[place] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers  # type: ignore[return-value]


def release(processes: Iterable[subprocess.Popen[str]]) -> list[list[str]]:
    """Wait until each says it is ready, let all go together, and answer what each said until it ended."""
    waiting = list(processes)
    for process in waiting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in waiting:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate(timeout=120)[0].split("\n")[:-1] for process in waiting]
