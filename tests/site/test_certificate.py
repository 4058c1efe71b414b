"""The clinic's own certificate: trusted by whoever trusts its authority, for its names alone."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lowtide.problems import BadInput
from lowtide.site import certificate
from lowtide.site.cli import main

NOW = datetime.now(UTC)


def shake_hands(made: certificate.Made, name: str) -> None:
    """A TLS connection under `name`, by a client that trusts the authority. Raises what the client would see."""
    here, there = socket.socketpair()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(made.certificate, made.key)

    def answer() -> None:
        try:
            with serving.wrap_socket(there, server_side=True) as end:
                end.recv(1)
        except OSError:
            there.close()

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with ssl.create_default_context(cafile=str(made.authority)).wrap_socket(
            here, server_hostname=name
        ) as end:
            end.send(b"x")
    finally:
        here.close()
        thread.join()


def test_whoever_trusts_the_authority_trusts_the_server_under_each_of_its_names(home: Path) -> None:
    made = certificate.make(["clinic.example.org", "192.0.2.10", "2001:db8::1"], NOW)
    for name in made.hosts:
        shake_hands(made, name)


def test_it_is_for_no_other_name(home: Path) -> None:
    made = certificate.make(["clinic.example.org"], NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake_hands(made, "bank.example.com")


def test_its_authority_can_vouch_for_no_other_name(home: Path) -> None:
    """Whoever steals the authority's key makes a certificate that is trusted by nobody."""
    made = certificate.make(["clinic.example.org"], NOW)
    authority, signer, _ = certificate._authority([certificate._name("clinic.example.org")], NOW)
    key = certificate.ec.generate_private_key(certificate.ec.SECP256R1())
    for name in ("bank.example.com", "198.51.100.7"):
        forged = certificate._certificate([certificate._name(name)], key, authority, signer, NOW)
        pem = certificate.serialization.Encoding.PEM
        made.certificate.write_bytes(forged.public_bytes(pem) + authority.public_bytes(pem))
        certificate._write_key(made.key, key)
        with pytest.raises(ssl.SSLCertVerificationError, match="subtree"):
            shake_hands(made, name)


def test_made_again_it_needs_no_tablet_touched(home: Path) -> None:
    first = certificate.make(["clinic.example.org", "192.0.2.10"], NOW)
    again = certificate.make(["clinic.example.org"], NOW + timedelta(days=390))
    assert first.new_authority
    assert not again.new_authority
    assert again.authority_print == first.authority_print
    assert again.ends > first.ends


def test_for_a_new_name_it_needs_a_new_authority(home: Path) -> None:
    first = certificate.make(["clinic.example.org"], NOW)
    other = certificate.make(["clinic.example.org", "192.0.2.10"], NOW)
    assert other.new_authority
    assert other.authority_print != first.authority_print
    shake_hands(other, "192.0.2.10")


def test_keys_are_for_their_owner_alone(home: Path) -> None:
    made = certificate.make(["clinic.example.org"], NOW)
    assert [p.stat().st_mode & 0o077 for p in certificate.folder().glob("*key.pem")] == [0, 0]
    assert made.key.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("host", ["https://clinic.example.org", "a b", "", "-", "x" * 70, "klinik.ü"])
def test_what_is_no_name_is_refused(home: Path, host: str) -> None:
    with pytest.raises(BadInput, match="neither a host name nor an address"):
        certificate.make([host], NOW)


def test_the_command_says_how_tablets_come_to_trust_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["certificate", "clinic.example.org"]) == 0
    first = capsys.readouterr().out
    assert "SHA-256 " in first
    assert "iPad" in first
    assert main(["certificate", "clinic.example.org"]) == 0
    assert "the one that the tablets already trust" in capsys.readouterr().out
