import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonymization.signing import load_public, public_pem, sign, signing_key, verify
from schemas.errors import InputError, SystemFailure

PKCS8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)


def test_the_key_is_made_at_first_use_and_kept_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing_key.pem"
    first = signing_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public_pem(signing_key(path)) == public_pem(first)
    assert [file.name for file in path.parent.iterdir()] == ["signing_key.pem"]


def test_what_the_key_signs_verifies_with_the_public_half(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "key.pem")
    (tmp_path / "public.pem").write_bytes(public_pem(key))
    public = load_public(tmp_path / "public.pem")
    signature = sign(key, b"entry")
    assert verify(public, signature, b"entry")
    assert not verify(public, signature, b"other")
    assert not verify(Ed25519PrivateKey.generate().public_key(), signature, b"entry")


@pytest.mark.parametrize(
    "form", [lambda s: "", lambda s: s[:-4], lambda s: s + "\n", lambda s: "é" + s, lambda s: s[:-3] + "h=="]
)
def test_a_signature_has_one_form_only(form: object, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = sign(key, b"entry")
    assert callable(form)
    assert not verify(key.public_key(), form(signature), b"entry")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610])
def test_a_key_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    signing_key(path)
    path.chmod(mode)
    with pytest.raises(SystemFailure, match=f"mode {mode:o}") as caught:
        signing_key(path)
    assert "chmod 600" in caught.value.hint


def encrypted() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(*PKCS8, serialization.BestAvailableEncryption(b"word"))


def of_another_kind() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    return key.private_bytes(*PKCS8, serialization.NoEncryption())


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", encrypted(), of_another_kind()])
def test_a_damaged_key_is_refused_and_left_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SystemFailure, match="expected an Ed25519 private key"):
        signing_key(path)
    assert path.read_bytes() == content


def test_a_key_in_the_place_of_a_folder_is_a_system_failure(tmp_path: Path) -> None:
    with pytest.raises(SystemFailure, match="cannot be read or written"):
        signing_key(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SystemFailure, match="cannot be read or written"):
        signing_key(tmp_path / "file" / "key.pem")


def test_what_is_no_public_key_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_public(tmp_path / "absent.pem")
    (tmp_path / "private.pem").write_bytes(of_another_kind())
    with pytest.raises(InputError, match="expected a public key"):
        load_public(tmp_path / "private.pem")
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    pem = rsa_key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "rsa.pem").write_bytes(pem)
    with pytest.raises(InputError, match="expected an Ed25519 public key"):
        load_public(tmp_path / "rsa.pem")
