"""Listen to monitors and pumps (HL7 v2 over MLLP) and chart what they say while they are on somebody.

lowtide listen
lowtide listen --host 0.0.0.0 --port 2575

`lowtide serve` listens too; on SQLite the server is the one that does.
"""

import argparse
import os
import signal
from contextlib import AbstractContextManager, nullcontext

from lowtide.site.inputs import port
from lowtide.site.lock import alone

PORT = 2575


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="where to listen; 0.0.0.0 for every address")
    parser.add_argument(
        "--port", type=port, default=PORT, help="2575 unless told otherwise; 0 takes a free one"
    )


def run(args: argparse.Namespace) -> int:
    with _only_server():
        from lowtide.site.setup import ready

        ready()
        from django.conf import settings

        from lowtide.exchange.devices.listener import Listener

        listener = Listener(args.host, args.port, spool=settings.DEVICES)
        listener.start()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: listener.stop())
        print(
            f"Lowtide listens to devices on {args.host} port {listener.port}.  Ctrl-C stops it.", flush=True
        )
        listener.wait()
    return 0


def _only_server() -> AbstractContextManager[None]:
    return nullcontext() if os.environ.get("LOWTIDE_DATABASE_URL") else alone("server")
