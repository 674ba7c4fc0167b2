"""A small certificate authority on P-256: itself, servers' and devices' certificates, revocations."""

import ipaddress
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey

CA_LIFE = timedelta(days=3_650)
SERVER_LIFE = timedelta(days=365)
DEVICE_LIFE = timedelta(days=365)
CRL_LIFE = timedelta(days=30)
RSA_BITS = 2_048
BACK = timedelta(minutes=5)  # clocks of clients may be behind


def new_key() -> Key:
    """A new private key."""
    return ec.generate_private_key(ec.SECP256R1())


def authority(name: str, key: Key, now: datetime) -> x509.Certificate:
    """The certificate of an authority, signed by itself; it may sign no other authority."""
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        _builder(name, key, now, CA_LIFE)
        .issuer_name(_name(name))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def server(
    hosts: Iterable[str], key: Key, ca: x509.Certificate, ca_key: Key, now: datetime
) -> x509.Certificate:
    """The certificate of a server.

    Args:
        hosts: names and addresses it is reached by, the first gives it its name.
    """
    names = [_host(host) for host in hosts]
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return (
        _builder(str(names[0].value), key, now, SERVER_LIFE)
        .issuer_name(ca.subject)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(signer, critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def client(
    name: str, request: x509.CertificateSigningRequest, ca: x509.Certificate, ca_key: Key,
    now: datetime,
) -> x509.Certificate:  # fmt: skip
    """The certificate of a client; of its request only the public key is taken.

    Args:
        name: becomes the common name, which is who it is.
    """
    key = request.public_key()
    if not isinstance(key, (ec.EllipticCurvePublicKey, rsa.RSAPublicKey)):
        raise ValueError("its key is neither on an elliptic curve nor RSA")  # noqa: TRY004
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(ca.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACK)
        .not_valid_after(now + DEVICE_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(signer, critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def request(name: str, key: Key) -> x509.CertificateSigningRequest:
    """What a device asks a certificate with."""
    return (
        x509.CertificateSigningRequestBuilder().subject_name(_name(name)).sign(key, hashes.SHA256())
    )


def read_request(pem: bytes) -> x509.CertificateSigningRequest:
    """A request whose signature shows that the sender has the key. Raises ValueError."""
    csr = x509.load_pem_x509_csr(pem)
    if not csr.is_signature_valid:
        raise ValueError("its signature does not fit its key")
    key = csr.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < RSA_BITS:
        raise ValueError(f"an RSA key needs {RSA_BITS} bits or more")
    return csr


def revocations(
    serials: Mapping[int, datetime], ca: x509.Certificate, ca_key: Key, now: datetime
) -> x509.CertificateRevocationList:
    """The list of revoked certificates, by serial number and time; to be renewed in CRL_LIFE."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.subject)
        .last_update(now - BACK)
        .next_update(now + CRL_LIFE)
    )
    for serial, at in sorted(serials.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(ca_key, hashes.SHA256())


def revocations_pem(revoked: x509.CertificateRevocationList) -> bytes:
    """As files hold it."""
    return revoked.public_bytes(serialization.Encoding.PEM)


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """As files hold it."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: Key) -> bytes:
    """As files hold it, without a passphrase: the file's permissions guard it."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def read_certificate(pem: bytes) -> x509.Certificate:
    """The certificate in a file. Raises ValueError."""
    return x509.load_pem_x509_certificate(pem)


def is_signed_by(certificate: x509.Certificate, ca: x509.Certificate) -> bool:
    """Whether an authority has issued it."""
    try:
        certificate.verify_directly_issued_by(ca)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def read_key(pem: bytes) -> Key:
    """The private key in a file. Raises ValueError: there is none, or of another type."""
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("no private key on an elliptic curve")  # noqa: TRY004 - of a file
    return key


def _builder(name: str, key: Key, now: datetime, life: timedelta) -> x509.CertificateBuilder:
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACK)
        .not_valid_after(now + life)
        .add_extension(own, critical=False)
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
