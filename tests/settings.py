"""The product's settings on a throw-away home: SQLite in a file, or a real PostgreSQL with LOWTIDE_TEST_DB=postgres."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="lowtide-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["LOWTIDE_HOME"] = str(HOME)
POSTGRES = os.environ.get("LOWTIDE_TEST_DB") == "postgres"
os.environ.pop("LOWTIDE_DATABASE_URL", None)
if POSTGRES:
    from tests.postgres import server_url

    os.environ["LOWTIDE_DATABASE_URL"] = server_url()

from lowtide.site.settings import *  # noqa: E402, F403
from lowtide.site.settings import DATABASES  # noqa: E402

DATABASES["default"]["CONN_MAX_AGE"] = 0
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
DATABASES["default"]["TEST"] = {"NAME": f"test_lowtide_{WORKER}" if POSTGRES else str(HOME / "test.sqlite3")}
ALLOWED_HOSTS = ["*"]
# Static files are found when they are asked for: otherwise every client that a test makes looks at each first.
WHITENOISE_AUTOREFRESH = True
# Sign-in is tested with the real hasher once; everywhere else a test should not wait for it.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
