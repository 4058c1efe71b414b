"""The one process that serves a clinic: checks at the start, https, live updates, an end that keeps nobody waiting."""

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import msgspec

from lowtide.problems import bad
from lowtide.site import certificate
from lowtide.site.lock import alone

if TYPE_CHECKING:
    from lowtide.exchange.devices.listener import Listener

STOP_WITHIN_S = 5
WARM_AFTER_S = 2  # the first pages come first
SEARCH_AFTER = 2_000, 10, 10  # objects made, then searches of the younger: Python’s own is 700, 10, 10
ANY = ("0.0.0.0", "::")  # noqa: S104  what somebody may ask for, not what is bound by itself
NO_HTTPS = (
    "No https: offline work at the chair and passkeys need it, and passwords cross the network in the clear.\n"
    "Make a certificate with lowtide certificate HOST, bring one with --cert and --key, or say --behind-proxy."
)


class Options(msgspec.Struct, frozen=True):
    """Where to listen, and what speaks https: our certificate, or a proxy before us."""

    host: str = "127.0.0.1"
    port: int = 8000
    cert: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False
    devices_host: str = "127.0.0.1"
    devices_port: int | None = None


def serve(options: Options, say: Callable[[str], None] = print) -> None:
    """Serve until SIGINT or SIGTERM. Raises Refused or BadInput when it cannot start, with the reason."""
    tls = _tls(options)
    _tell_settings(options, tls)
    with _alone():
        from lowtide.site.setup import ready

        ready()
        with _listen(options) as listening:
            for warning in _start_checks(tls is not None or options.behind_proxy):
                say(warning)
            _run(options, tls, listening, lambda: say(_ready(options, tls, listening)))


def _tls(options: Options) -> tuple[Path, Path] | None:
    if bool(options.cert) != bool(options.key):
        raise bad("a certificate and its key come together", "--cert and --key", "Give both files.")
    if options.cert and options.key:
        for file in (options.cert, options.key):
            if not file.exists():
                raise FileNotFoundError(2, "no such file", str(file))
        return options.cert, options.key
    return None if options.behind_proxy else certificate.files()


def _tell_settings(options: Options, tls: tuple[Path, Path] | None) -> None:
    """What the settings need to know, before they are read."""
    if tls or options.behind_proxy:
        os.environ["LOWTIDE_TLS"] = "1"
    known = os.environ.get("LOWTIDE_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    asked = _names_of_this_machine() if options.host in ANY else [options.host]
    certified = certificate.hosts_of(tls[0]) if tls else []
    names = [f"[{h}]" if ":" in h and not h.startswith("[") else h for h in (*known, *asked, *certified)]
    os.environ["LOWTIDE_HOSTS"] = ",".join(dict.fromkeys(names))
    if (
        certified and options.port and certified[0] not in ("localhost", "127.0.0.1", "::1")
    ):  # links in mails lead there, unless somebody said where
        port = "" if options.port == 443 else f":{options.port}"
        os.environ.setdefault("LOWTIDE_ADDRESS", f"https://{certified[0]}{port}")


def _names_of_this_machine() -> list[str]:
    name = socket.gethostname()
    try:
        found = socket.getaddrinfo(name, None)
    except OSError:
        found = []
    return [name, socket.getfqdn(name), *(str(address[4][0]) for address in found)]


def _alone() -> AbstractContextManager[None]:
    """One server on one SQLite home; PostgreSQL may have several."""
    return nullcontext() if os.environ.get("LOWTIDE_DATABASE_URL") else alone("server")


def _listen(options: Options) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        listening = socket.create_server((options.host, options.port), family=family)
        # inherited by each connection: else the body of an answer waits 40 ms for the receipt of its head
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise bad(
            f"cannot listen there: {error.strerror}",
            f"{options.host} port {options.port}",
            "Choose another with --host and --port, or end what listens there.",
        ) from error


def _start_checks(https: bool) -> list[str]:
    from django.db import connections

    from lowtide.site import health, redactions

    redactions.keep_up()
    now = datetime.now(UTC)
    found = []
    if behind := health.clock_behind_s(now):
        found.append(
            f"This machine's clock is {behind} s behind the newest entry. Entries will be marked; set it."
        )
    connections.close_all()  # this thread will wait for signals, not for the database
    files = certificate.files()
    if files and (days := (certificate.ends(files[0]) - now).days) < 30:
        found.append(f"The certificate ends in {days} days: run lowtide certificate again.")
    return found if https else [*found, NO_HTTPS]


def _ready(options: Options, tls: tuple[Path, Path] | None, listening: socket.socket) -> str:
    from lowtide.site.version import lowtide_version

    port = listening.getsockname()[1]
    hosts = (
        [h for h in os.environ["LOWTIDE_HOSTS"].split(",") if h] if options.host in ANY else [options.host]
    )
    shown = f"[{hosts[0]}]" if ":" in hosts[0] and not hosts[0].startswith("[") else hosts[0]
    if tls and (named := certificate.hosts_of(tls[0])):
        shown = named[0]
    return (
        f"Lowtide {lowtide_version()} serves {'https' if tls else 'http'}://{shown}:{port}/  Ctrl-C stops it."
    )


def _warm() -> None:
    """Load the numerical libraries and compute the public example, so that no reader waits for either. All that is loaded
    by then stays for good, so Python's search for what nobody holds any more, during which everybody waits, is told to leave
    it out; and it searches seldomer than a short script would want."""
    from lowtide.portal.how_it_works.levels import levels

    levels()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SEARCH_AFTER)


def _devices(options: Options) -> "Listener | None":
    """The listener for monitors and pumps, where one is asked for."""
    from django.conf import settings

    from lowtide.exchange.devices.listener import Listener

    if options.devices_port is None:
        return None
    listener = Listener(options.devices_host, options.devices_port, spool=settings.DEVICES)
    listener.start()
    print(f"It listens to devices on {listener.host} port {listener.port}.", flush=True)
    return listener


def _serving(options: Options, tls: tuple[Path, Path] | None) -> dict[str, Any]:
    """How the one process serves: pages and live streams, no sockets, a line in the log only for trouble."""
    return {
        "lifespan": "off",
        "ws": "none",
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "proxy_headers": options.behind_proxy,
        "timeout_graceful_shutdown": STOP_WITHIN_S,
        "ssl_certfile": str(tls[0]) if tls else None,
        "ssl_keyfile": str(tls[1]) if tls else None,
    }


def _run(
    options: Options, tls: tuple[Path, Path] | None, listening: socket.socket, on_start: Callable[[], None]
) -> None:
    import uvicorn
    from django.urls import get_resolver

    from lowtide.data.settling import settle
    from lowtide.site.asgi import application
    from lowtide.site.bedside import Bedside
    from lowtide.site.jobs.keeper import Keeper
    from lowtide.site.live import hub, watch

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            on_start()
            sys.stdout.flush()

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            hub.close()
            super().handle_exit(sig, frame)

    get_resolver().url_patterns  # noqa: B018  with the addresses every module of the pages is there
    settle()
    listener = _devices(options)
    config = uvicorn.Config(application, **_serving(options, tls))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # the server raises it once more when it has stopped
    watch.start()
    jobs, bedside = Keeper(), Bedside(hub)
    jobs.start()
    bedside.start()
    warming = threading.Timer(WARM_AFTER_S, _warm)
    warming.daemon = True
    warming.start()
    try:
        Server(config).run(sockets=[listening])
    finally:
        if listener:
            listener.stop()
        warming.cancel()
        bedside.stop()
        jobs.stop()
        watch.stop()
