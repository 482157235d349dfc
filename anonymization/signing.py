"""Signatures: who vouches for a release. Ed25519 (RFC 8032) over canonical bytes."""

import base64
import binascii
import fcntl
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anonymization import atomic, limits
from schemas.errors import InputError, SystemFailure

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The operator's signing key, made at first use; every process that asks gets the same one.

    Raises SystemFailure where the file cannot be read or written, is damaged, or is open to other accounts.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            if not os.path.lexists(path):
                _make(path)
            return _read(path)
        finally:
            os.close(directory)
    except OSError as error:
        raise SystemFailure(
            f"{path}: the signing key cannot be read or written ({error.strerror})",
            "point [release] signing_key at a file that this account may read and write",
        ) from None


def public_pem(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """The public half as PEM (SubjectPublicKeyInfo), the only form in which a release carries it."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def load_public(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file; raises InputError where it cannot be read or is no Ed25519 public key."""
    hint = "give the public.pem that the operator of the release handed over"
    try:
        key = serialization.load_pem_public_key(limits.read(path, str(path)))
    except OSError as error:
        raise InputError(f"{path}: the public key cannot be read ({error.strerror})", hint) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InputError(f"{path}: expected a public key in PEM, got something else", hint) from None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{path}: expected an Ed25519 public key, got another kind of key", hint)
    return key


def sign(key: Ed25519PrivateKey, data: bytes) -> str:
    """The signature of the bytes, in base64."""
    return base64.b64encode(key.sign(data)).decode()


def verify(key: Ed25519PublicKey, signature: str, data: bytes) -> bool:
    """Whether the signature is the key's over these bytes; anything but canonical base64 is not."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, data)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    # Several base64 texts decode to the same bytes; an entry has one form only.
    return base64.b64encode(raw).decode() == signature


def _make(path: Path) -> None:
    for leftover in atomic.leftovers(path):
        leftover.unlink(missing_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    atomic.write_bytes(path, pem, mode=0o600)


def _read(path: Path) -> Ed25519PrivateKey:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        data = file.read()
    if mode & _OTHERS:
        raise SystemFailure(
            f"{path}: expected a signing key that only its owner can read (mode 600), got mode {mode:o}",
            f"if no other account has read it: chmod 600 {path}; otherwise begin a release with a new key",
        )
    key = _decode(data)
    if key is None:
        raise SystemFailure(
            f"{path}: expected an Ed25519 private key in unencrypted PEM (PKCS8), got something else",
            "restore the file from a backup; a release only continues with the key that it began with",
        )
    return key


def _decode(data: bytes) -> Ed25519PrivateKey | None:
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PrivateKey) else None
