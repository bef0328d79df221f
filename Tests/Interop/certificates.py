"""Certificates for tests: a root, and what it signs, as PEM files."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """A root of its own, which signs for whom it is asked to."""

    def __init__(self, folder, name="Test root"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _subject(name)
        root = _builder(self._name, self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(self._key, hashes.SHA256())
        self.roots = self._write(name.replace(" ", "-") + ".pem", root.public_bytes(serialization.Encoding.PEM))

    def issue(self, name, dns=(), ips=(), uris=()):
        """Paths of a certificate and its key; a second certificate of the same name replaces the first."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(one) for one in dns] + [x509.IPAddress(ipaddress.ip_address(one)) for one in ips]
        names += [x509.UniformResourceIdentifier(one) for one in uris]
        builder = _builder(_subject(name), self._name, key)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return (
            self._write(name + ".pem", certificate.public_bytes(serialization.Encoding.PEM)),
            self._write(name + ".key", key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())))

    def _write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path


def _subject(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(subject, issuer, key):
    now = datetime.datetime.now(datetime.timezone.utc)
    return x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(
        key.public_key()).serial_number(x509.random_serial_number()).not_valid_before(
        now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=2))
