"""At which migrations the database stands: what it still awaits, and its tables as they are now."""

from django.apps import apps
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

Node = tuple[str, str]


def awaited() -> set[str]:
    """The applications whose tables this version would change first."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {migration.app_label for migration, _ in plan}


def is_new() -> bool:
    """Whether no table was ever made here."""
    return not MigrationExecutor(connection).loader.applied_migrations


def registry() -> Apps:
    """The models as the tables are now: this version's, unless an upgrade has not come yet."""
    if not awaited():
        return apps
    executor = MigrationExecutor(connection)
    targets = last_of_each_app(executor, set(executor.loader.applied_migrations))
    return executor.loader.project_state(targets).apps if targets else apps


def last_of_each_app(executor: MigrationExecutor, applied: set[Node]) -> list[Node] | None:
    """Where each application's tables stood; None when a migration is not known here."""
    nodes = executor.loader.graph.node_map
    if not applied <= set(nodes):
        return None
    followed = {parent.key for key in applied for parent in nodes[key].parents if parent.key[0] == key[0]}
    return sorted(applied - followed)
