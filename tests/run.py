"""`make test`: every test on SQLite, then the tests that touch the database on PostgreSQL.

What is marked `either` is left to SQLite. It asks only what a page or a paper says or who is refused, or it is a table
whose rows all go one way through the store, which a neighbour goes on PostgreSQL; and no place in the product that asks
the database is reached by it alone. `tests/people/test_real_addresses.py` opens every page on both, in every role.
Whatever races, migrates, projects, searches, or is refused by the engine carries no such mark. With LOWTIDE_TEST_WHOLE in
the environment, as CI has it, they run on both all the same.

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
