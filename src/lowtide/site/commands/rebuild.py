"""Make every table that is derived from the entries anew, and put the database's guards back.

lowtide rebuild
"""

import argparse

from lowtide.site.setup import ready


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    ready(guarded=False)
    from django.db import connection

    from lowtide.record import guards
    from lowtide.record.verify import rebuild

    guards.install(connection)
    print(f"Rebuilt from {rebuild():,} streams; the guards are in place.")
    return 0
