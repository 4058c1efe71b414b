"""Where this clinic's state lives, and what the environment says about it. Known before Django is."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from lowtide.problems import bad


def home() -> Path:
    """`$LOWTIDE_HOME`, by default `var/` in the folder the program was started from; made on first use."""
    path = Path(os.environ.get("LOWTIDE_HOME", "var")).resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def secret_key() -> str:
    """This home's own key, made once and readable by its owner only."""
    path = home() / "secret-key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text()


def is_demo() -> bool:
    """A home that `lowtide demo` made carries a mark; every page then says so."""
    return (home() / "demonstration").exists()


def database() -> dict[str, Any]:
    """Django's DATABASES entry: SQLite in the home, or PostgreSQL by `$LOWTIDE_DATABASE_URL`."""
    url = os.environ.get("LOWTIDE_DATABASE_URL", "")
    if url:
        return _postgresql(url)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(home() / "lowtide.sqlite3"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
                " PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384"
            ),
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlparse(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise bad(
            "this is no PostgreSQL address",
            "LOWTIDE_DATABASE_URL",
            "Write postgresql://user:password@host/name.",
        )
    query = dict(p.split("=", 1) for p in parts.query.split("&") if "=" in p)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def mail_server() -> tuple[str, int, str, str, bool, bool]:
    """Host, port, user, password, STARTTLS, TLS from `$LOWTIDE_MAIL_URL`: smtp://user:password@host:587 or smtps://host:465.

    Mail goes out encrypted unless the address says smtp+plain, for a server on the same machine.
    """
    parts = urlparse(os.environ.get("LOWTIDE_MAIL_URL", "smtp+plain://localhost"))
    if parts.scheme not in ("smtp", "smtps", "smtp+plain") or not parts.hostname:
        raise bad("this is no mail server", "LOWTIDE_MAIL_URL", "Write smtp://user:password@host:587.")
    tls, ssl = parts.scheme == "smtp", parts.scheme == "smtps"
    port = parts.port or {"smtp": 587, "smtps": 465, "smtp+plain": 25}[parts.scheme]
    return parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), tls, ssl


def public_address() -> str:
    """Where patients open their own place, for links in mails that no request asked for: `$LOWTIDE_ADDRESS`, else the first
    of `$LOWTIDE_ORIGINS`; empty where neither says it."""
    first = os.environ.get("LOWTIDE_ORIGINS", "").split(",")[0]
    found = os.environ.get("LOWTIDE_ADDRESS", first).strip().rstrip("/")
    if found and (urlparse(found).scheme not in ("http", "https") or not urlparse(found).hostname):
        raise bad("this is no address", "LOWTIDE_ADDRESS", "Write https://clinic.example.org.")
    return found
