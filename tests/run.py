"""`make test`: every test on SQLite, then every test that touches the database on PostgreSQL.

Says in one line what it left out and which command brings it.
"""

import os
import subprocess
import sys
import tempfile

ARGS = ["-n", "2", "--dist", "worksteal", "-m", "not browser", *sys.argv[1:]]


def main() -> int:
    print("SQLite: all tests", flush=True)
    first = subprocess.call([sys.executable, "-m", "pytest", *ARGS])
    print("PostgreSQL: the tests that touch the database", flush=True)
    with tempfile.TemporaryDirectory(prefix="lowtide-pg-", ignore_cleanup_errors=True) as data:
        environment = os.environ | {"LOWTIDE_TEST_DB": "postgres", "LOWTIDE_TEST_PG_DATA": data}
        second = subprocess.call([sys.executable, "-m", "pytest", *ARGS, "--database-only"], env=environment)
    print(
        "Left out: the browser tests (make browser) and the whole benchmarks (make bench, make soak).",
        flush=True,
    )
    return first or second


if __name__ == "__main__":
    sys.exit(main())
