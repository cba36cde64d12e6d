"""Certificates and keys for kubeconfigs, made for the run."""

import datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = b"secret"


@cache
def key(owner: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(owner: str, *, has_password: bool = False) -> str:
    """Return a private key, with a password or without."""
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if has_password:
        protection = serialization.BestAvailableEncryption(PASSWORD)
    encoding, shape = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key(owner).private_bytes(encoding, shape, protection).decode()


def certificate_pem(owner: str) -> str:
    """Return a certificate that its owner signed."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key(owner).public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key(owner), hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
