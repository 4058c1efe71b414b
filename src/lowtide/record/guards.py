"""The database's own refusal to change what was recorded: triggers on the record's tables, for each engine.

An insert is guarded too where SQLite would take REPLACE: it removes the old row without asking the delete triggers,
unless the connection switched recursive triggers on. Another guard here needs a migration (empty will do, `_SINCE`
names it), so that a clinic that was made before it gets it.
"""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

ENTRY, BODY, ACCESS, STREAM = "record_storedentry", "record_storedbody", "record_access", "record_stream"
TABLES = {"record_body_": BODY, "record_access_": ACCESS, "record_stream_": STREAM, "record_": ENTRY}
_BACK = "NEW.name <> OLD.name OR NEW.last_seq < OLD.last_seq OR (NEW.last_seq = OLD.last_seq AND NEW.head_hash <> OLD.head_hash)"

_SQLITE = {
    "record_no_update": f"BEFORE UPDATE ON {ENTRY} BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END",
    "record_no_delete": f"BEFORE DELETE ON {ENTRY} BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END",
    "record_no_reuse": f"""BEFORE INSERT ON {ENTRY}
        WHEN EXISTS (SELECT 1 FROM {ENTRY} WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'an entry with this id exists'); END""",
    "record_next_seq": f"""BEFORE INSERT ON {ENTRY}
        WHEN NEW.seq <> 1 + COALESCE((SELECT MAX(seq) FROM {ENTRY} WHERE stream = NEW.stream), 0)
        BEGIN SELECT RAISE(ABORT, 'entries are numbered without gaps'); END""",
    "record_body_no_update": f"BEFORE UPDATE ON {BODY} BEGIN SELECT RAISE(ABORT, 'bodies are never changed'); END",
    "record_body_no_reuse": f"""BEFORE INSERT ON {BODY}
        WHEN EXISTS (SELECT 1 FROM {BODY} WHERE entry_id = NEW.entry_id)
        BEGIN SELECT RAISE(ABORT, 'this entry has its body'); END""",
    "record_body_no_delete": f"""BEFORE DELETE ON {BODY}
        WHEN NOT EXISTS (SELECT 1 FROM {ENTRY} WHERE redacts = OLD.entry_id)
        BEGIN SELECT RAISE(ABORT, 'a body goes only by a redaction entry'); END""",
    "record_access_no_update": f"BEFORE UPDATE ON {ACCESS} BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    "record_access_no_delete": f"BEFORE DELETE ON {ACCESS} BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    "record_access_no_reuse": f"""BEFORE INSERT ON {ACCESS}
        WHEN EXISTS (SELECT 1 FROM {ACCESS} WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
    "record_stream_forward": f"""BEFORE UPDATE ON {STREAM} WHEN {_BACK}
        BEGIN SELECT RAISE(ABORT, 'a stream only grows'); END""",
    "record_stream_no_delete": f"BEFORE DELETE ON {STREAM} BEGIN SELECT RAISE(ABORT, 'a stream only grows'); END",
    "record_stream_no_reuse": f"""BEFORE INSERT ON {STREAM}
        WHEN EXISTS (SELECT 1 FROM {STREAM} WHERE name = NEW.name)
        BEGIN SELECT RAISE(ABORT, 'a stream only grows'); END""",
}

_POSTGRES_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION lowtide_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME; END $$;
CREATE OR REPLACE FUNCTION lowtide_next_seq() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> 1 + COALESCE((SELECT MAX(seq) FROM {ENTRY} WHERE stream = NEW.stream), 0) THEN
    RAISE EXCEPTION 'entries are numbered without gaps';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION lowtide_stream_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {_BACK} THEN
    RAISE EXCEPTION 'a stream only grows';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION lowtide_body_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM {ENTRY} WHERE redacts = OLD.entry_id) THEN
    RAISE EXCEPTION 'a body goes only by a redaction entry';
  END IF;
  RETURN OLD;
END $$;
"""

_POSTGRES = {
    "record_no_update": f"BEFORE UPDATE OR DELETE ON {ENTRY} FOR EACH ROW EXECUTE FUNCTION lowtide_refuse()",
    "record_no_truncate": f"BEFORE TRUNCATE ON {ENTRY} FOR EACH STATEMENT EXECUTE FUNCTION lowtide_refuse()",
    "record_next_seq": f"BEFORE INSERT ON {ENTRY} FOR EACH ROW EXECUTE FUNCTION lowtide_next_seq()",
    "record_body_no_update": f"BEFORE UPDATE ON {BODY} FOR EACH ROW EXECUTE FUNCTION lowtide_refuse()",
    "record_body_no_truncate": f"BEFORE TRUNCATE ON {BODY} FOR EACH STATEMENT EXECUTE FUNCTION lowtide_refuse()",
    "record_body_no_delete": f"BEFORE DELETE ON {BODY} FOR EACH ROW EXECUTE FUNCTION lowtide_body_delete()",
    "record_access_no_update": f"BEFORE UPDATE OR DELETE ON {ACCESS} FOR EACH ROW EXECUTE FUNCTION lowtide_refuse()",
    "record_access_no_truncate": f"BEFORE TRUNCATE ON {ACCESS} FOR EACH STATEMENT EXECUTE FUNCTION lowtide_refuse()",
    "record_stream_forward": f"BEFORE UPDATE ON {STREAM} FOR EACH ROW EXECUTE FUNCTION lowtide_stream_forward()",
    "record_stream_no_delete": f"BEFORE DELETE ON {STREAM} FOR EACH ROW EXECUTE FUNCTION lowtide_refuse()",
    "record_stream_no_truncate": f"BEFORE TRUNCATE ON {STREAM} FOR EACH STATEMENT EXECUTE FUNCTION lowtide_refuse()",
}


_SINCE = {
    "0002_more_guards": (
        *("record_access_no_reuse", "record_stream_forward", "record_stream_no_delete"),
        *("record_stream_no_reuse", "record_stream_no_truncate"),
    )
}
"""Guards by the migration that brought them, for a database that awaits it."""


def install(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger anew; run after each migration, because remaking a table drops its triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTIONS)
            for name, rule in _POSTGRES.items():
                cursor.execute(f"CREATE OR REPLACE TRIGGER {name} {rule}")
        else:
            for name, rule in _SQLITE.items():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(f"CREATE TRIGGER {name} {rule}")


def wanted(connection: BaseDatabaseWrapper) -> frozenset[str]:
    """The names of the triggers that this database has to have: later ones come with their migration."""
    names = frozenset(_POSTGRES if connection.vendor == "postgresql" else _SQLITE)
    applied = MigrationRecorder(connection).applied_migrations()
    return names - {n for m, later in _SINCE.items() if ("record", m) not in applied for n in later}


def table_of(trigger: str) -> str:
    """The table that a trigger stands on."""
    return next(table for prefix, table in TABLES.items() if trigger.startswith(prefix))


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers that should exist and do not."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal"
                " AND tgenabled <> 'D' AND c.relnamespace = current_schema()::regnamespace"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return sorted(wanted(connection) - {row[0] for row in cursor.fetchall()})
