"""Make a synthetic clinic and serve it on this machine only.

lowtide demo
lowtide demo --port 8100 --fresh

Forty invented people at every stage of care, one of them at the chair now. It lives in $LOWTIDE_HOME, by default
var/demo, and never touches a database that it did not make. Ctrl-C ends it; --fresh makes it anew.
"""

import argparse
import os
import subprocess
import sys
import threading

from lowtide.problems import refuse
from lowtide.site.inputs import port


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=port, default=8000, help="0 takes a free one")
    parser.add_argument("--fresh", action="store_true", help="make the clinic anew")
    parser.add_argument("--only-make", action="store_true", help="make the clinic, do not serve it")


def run(args: argparse.Namespace) -> int:
    os.environ.setdefault("LOWTIDE_HOME", "var/demo")
    if os.environ.get("LOWTIDE_DATABASE_URL"):
        raise refuse(
            "the demonstration makes its own database", "LOWTIDE_DATABASE_URL", "Unset it, and start again."
        )
    from lowtide.site.demo.make import prepare

    if args.only_make:
        return _make()
    if prepare(fresh=args.fresh):
        print("Making a synthetic clinic: about half a minute, once a day.", flush=True)
        subprocess.run([sys.executable, "-m", "lowtide.site.cli", "demo", "--only-make"], check=True)
    return _serve(args.port)


def _make() -> int:
    from lowtide.site.setup import ready

    ready()
    from lowtide.site.demo.make import make

    make()
    return 0


def _serve(port: int) -> int:
    from lowtide.site.demo import monitor
    from lowtide.site.demo.staff import PASSWORD, PEOPLE
    from lowtide.site.server import Options, serve

    print("\nSign in as one of these; everyone is invented. One password for all:")
    print(f"  password    {PASSWORD}")
    for login, name, role, _ in (*PEOPLE, ("patient", "a patient in treatment", "patient", False)):
        print(f"  {login:<11} {name} ({role.replace('_', ' ')})")
    print(flush=True)
    threading.Thread(target=monitor.run, name="simulated monitor", daemon=True).start()
    serve(Options("127.0.0.1", port, None, None, False), lambda line: print(line, flush=True))
    return 0
