"""The clinic's own https: a small authority that tablets trust once, and a certificate for the server's names.

The authority may only vouch for the names and addresses it was made for, so that whoever steals it cannot pose as
anybody else. Its certificate lasts ten years; the server's is made anew in between without touching a tablet.
"""

import hashlib
import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lowtide.problems import bad
from lowtide.site.backup import open_private
from lowtide.site.home import home

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 397
Key = ec.EllipticCurvePrivateKey


class Made(msgspec.Struct, frozen=True):
    """Where the files are, until when they hold, and whether tablets have to be told of a new authority."""

    certificate: Path
    key: Path
    authority: Path
    hosts: tuple[str, ...]
    ends: datetime
    authority_ends: datetime
    authority_print: str
    new_authority: bool


def folder() -> Path:
    return home() / "tls"


def files() -> tuple[Path, Path] | None:
    """This home's certificate and key, if there are."""
    pair = folder() / "certificate.pem", folder() / "key.pem"
    return pair if all(p.exists() for p in pair) else None


def make(hosts: list[str], now: datetime) -> Made:
    """A certificate for these host names and addresses, signed by this home's authority.

    Raises BadInput for a name that is neither.
    """
    names = [_name(host) for host in hosts]
    folder().mkdir(mode=0o700, exist_ok=True)
    authority, signer, fresh = _authority(names, now)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(names, key, authority, signer, now)
    _write_key(folder() / "key.pem", key)
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder() / "certificate.pem").write_bytes(pem + _authority_file().read_bytes())
    return Made(
        *(folder() / "certificate.pem", folder() / "key.pem", _authority_file()),
        hosts=tuple(hosts),
        ends=certificate.not_valid_after_utc,
        authority_ends=authority.not_valid_after_utc,
        authority_print=fingerprint(authority),
        new_authority=fresh,
    )


def hosts_of(file: Path) -> list[str]:
    """The names and addresses that the certificate in a file is for. Raises BadInput when it is none."""
    found = _read(file).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(n.value) for n in found]


def ends(file: Path) -> datetime:
    return _read(file).not_valid_after_utc


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as devices show it."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest().hex(":").upper()


def _authority(names: list[x509.GeneralName], now: datetime) -> tuple[x509.Certificate, Key, bool]:
    """The authority that is here, if it may vouch for all these names and outlives a certificate; else a new one."""
    place, key_place = _authority_file(), folder() / "authority-key.pem"
    if place.exists() and key_place.exists():
        kept = _read(place)
        limits = kept.extensions.get_extension_for_class(x509.NameConstraints).value
        enough = {_limit(n) for n in names} <= set(limits.permitted_subtrees or ())
        if enough and kept.not_valid_after_utc > now + timedelta(days=CERTIFICATE_DAYS):
            signer = serialization.load_pem_private_key(key_place.read_bytes(), None)
            assert isinstance(signer, Key)
            return kept, signer, False
    signer = ec.generate_private_key(ec.SECP256R1())
    authority = _new_authority(names, signer, now)
    _write_key(key_place, signer)
    place.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return authority, signer, True


def _new_authority(names: list[x509.GeneralName], signer: Key, now: datetime) -> x509.Certificate:
    own = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"Lowtide clinic authority {now:%Y-%m-%d %H:%M}")]
    )
    return (
        _builder(own, own, signer, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(_limits(names), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )


def _certificate(
    names: list[x509.GeneralName], key: Key, authority: x509.Certificate, signer: Key, now: datetime
) -> x509.Certificate:
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(names[0].value)[:64])])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        _builder(own, authority.subject, key, now, CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(issuer, critical=False)
        .sign(signer, hashes.SHA256())
    )


def _builder(
    own: x509.Name, issuer: x509.Name, key: Key, now: datetime, days: int
) -> x509.CertificateBuilder:
    begins = now.astimezone(UTC) - timedelta(hours=1)  # a tablet's clock may be a little behind
    return (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    labels = host.lower().rstrip(".").split(".")
    if not all(0 < len(part) < 64 and part.replace("-", "").isalnum() and part.isascii() for part in labels):
        raise bad(
            f"“{host}” is neither a host name nor an address",
            "HOST",
            "Write clinic.example.org or 192.0.2.10.",
        )
    return x509.DNSName(".".join(labels))


def _limits(names: list[x509.GeneralName]) -> x509.NameConstraints:
    """Only these; a sort of name that is not among them is closed altogether."""
    permitted, sorts = [_limit(n) for n in names], {type(n) for n in names}
    if x509.DNSName not in sorts:
        permitted.append(x509.DNSName("lowtide.invalid"))
    closed = ("0.0.0.0/0", "::/0") if x509.IPAddress not in sorts else ()
    excluded = [x509.IPAddress(ipaddress.ip_network(net)) for net in closed]
    return x509.NameConstraints(permitted, excluded or None)


def _limit(name: x509.GeneralName) -> x509.GeneralName:
    """A name as an authority is limited to it: an address is a network of one."""
    return x509.IPAddress(ipaddress.ip_network(name.value)) if isinstance(name, x509.IPAddress) else name


def _authority_file() -> Path:
    return folder() / "authority.pem"


def _read(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError:
        raise bad(
            "this is no certificate in PEM form",
            str(file),
            "Give the file that begins with BEGIN CERTIFICATE.",
        ) from None


def _write_key(place: Path, key: Key) -> None:
    with open_private(place) as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
