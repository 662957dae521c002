"""Certificates for the tests, made with openssl."""

import shutil
import subprocess

import pytest

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")


def certificate(folder):
    """The files of a certificate for localhost, which is its own authority, and of its key."""
    files = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-subj", "/CN=localhost"),
            *("-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-out", files[0], "-keyout", files[1]),
        ],
        check=True,
        capture_output=True,
    )
    return files
