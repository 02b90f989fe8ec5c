#!/usr/bin/env python3
"""Writes the frozen test vectors beside this file.

Independent of the Java code: the formats are written down here once more, from their description
(FORMAT.md), over the `cryptography` package. AES-GCM is the package's; XAES-256-GCM and its key
commitment are computed here from single AES blocks. Every input is fixed, so each run gives the
same bytes; a vector is never edited once it is published, new ones are added under new names.

    python3 generate.py
"""

import base64
import hashlib
import pathlib
import uuid

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = pathlib.Path(__file__).parent
KEY_ID = uuid.UUID("7f894dc7-da51-4556-b9e4-c862b44c4f80")


def derive(label, length):
    """Fixed bytes that look random."""
    return hashlib.shake_128(("kms4j vector: " + label).encode()).digest(length)


def u32(number):
    return number.to_bytes(4, "big")


def xor(a, b):
    assert len(a) == len(b)
    return bytes(x ^ y for x, y in zip(a, b))


# The formats


def aes_block(key, block):
    assert len(block) == 16
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def double(block):
    """Multiplication by x in GF(2^128), as for CMAC."""
    number = int.from_bytes(block, "big") << 1
    if number >> 128:
        number = (number & ((1 << 128) - 1)) ^ 0x87
    return number.to_bytes(16, "big")


def xaes_seal(key, nonce, plaintext, aad):
    """C2SP XAES-256-GCM, then the commitment: ciphertext, tag, KC."""
    assert len(key) == 32 and len(nonce) == 24
    k1 = double(aes_block(key, bytes(16)))
    head, tail = nonce[:12], nonce[12:]
    subkey = b"".join(
        aes_block(key, xor(k1, bytes([0, i, 0x58, 0]) + head)) for i in (1, 2)
    )
    x1 = aes_block(key, b"XCMT" + head)
    commitment = b"".join(
        aes_block(key, xor(xor(x1, k1), tail + bytes([0, 1, 0, i]))) for i in (1, 2)
    )
    return AESGCM(subkey).encrypt(tail, plaintext, aad) + commitment


def xaes_message(key, version, nonce, plaintext, aad):
    bound = b"kms4j/1" + KEY_ID.bytes + u32(version) + aad
    return b"\x01" + u32(version) + nonce + xaes_seal(key, nonce, plaintext, bound)


def aes_message(key, version, iv, plaintext, aad):
    trailer = b"v01" if version == 1 else u32(version) + b"v02"
    return iv + AESGCM(key).encrypt(iv, plaintext, aad) + trailer


def wrap_aad(root_id, version, algorithm, usage, exportable, strict):
    def text(value):
        encoded = value.encode()
        return len(encoded).to_bytes(2, "big") + encoded

    return (
        b"kms4j/wrapped/1"
        + text(root_id)
        + KEY_ID.bytes
        + u32(version)
        + text(algorithm)
        + text(usage)
        + bytes([exportable | (not strict) << 1])
    )


# The files


def write(name, fields, body):
    lines = [f"{field}: {value}".rstrip() for field, value in fields.items()]
    encoded = base64.b64encode(body).decode()
    (HERE / (name + ".txt")).write_text("\n".join(lines) + "\n\n" + encoded + "\n")


def message(name, algorithm, version, key, iv, plaintext, aad, body, expect="opens"):
    write(
        name,
        {
            "algorithm": algorithm,
            "key": key.hex(),
            "key-id": KEY_ID,
            "version": version,
            "aad": aad.hex(),
            "iv": iv.hex(),
            "plaintext": plaintext.hex(),
            "expect": expect,
        },
        body,
    )


def messages(prefix, algorithm, version, key_bytes, iv_bytes, seal):
    key = derive(prefix + " key", key_bytes)
    for label, length, aad in (
        ("", 40, b""),
        ("-aad", 40, b"order 4711"),
        ("-empty", 0, b""),
        ("-empty-aad", 0, b"only bound"),
        ("-long", 9000, b"long"),
    ):
        name = prefix + label
        iv = derive(name + " iv", iv_bytes)
        plaintext = derive(name + " plaintext", length)
        body = seal(key, version, iv, plaintext, aad)
        message(name, algorithm, version, key, iv, plaintext, aad, body)

    iv = derive(prefix + " refused iv", iv_bytes)
    plaintext = derive(prefix + " refused plaintext", 33)
    aad = b"order 4711"
    good = seal(key, version, iv, plaintext, aad)

    def refused(label, body, wrong_aad=aad):
        name = f"{prefix}-refused-{label}"
        message(name, algorithm, version, key, iv, plaintext, wrong_aad, body, "refused")

    changed = bytearray(good)
    changed[len(good) // 2] ^= 1
    refused("changed-ciphertext", bytes(changed))
    refused("other-aad", good, b"order 4712")
    refused("no-aad", good, b"")
    refused("short", good[: iv_bytes + 10])
    refused("nothing", b"")
    other = derive(prefix + " another key", key_bytes)
    refused("other-key", seal(other, version, iv, plaintext, aad))
    if algorithm == "xaes-256-gcm":
        wrong = bytearray(good)
        wrong[-1] ^= 0x80
        refused("changed-commitment", bytes(wrong))
        refused("without-commitment", good[:-32])
        refused("wrong-version", good[:1] + u32(version + 1) + good[5:])
        refused("version-zero", good[:1] + u32(0) + good[5:])
        refused("wrong-format", b"\x02" + good[1:])
        # Tag and ciphertext verify under the key that is asked; only the commitment does not.
        commitment = seal(other, version, iv, plaintext, aad)[-32:]
        refused("commitment-of-other-key", good[:-32] + commitment)
    elif version > 1:
        refused("version-cut-off", good[:-7])
        refused("trailer-of-v01", good[:-3] + b"v01")


def wrapped(name, algorithm, usage, length, exportable, expect="opens", change=None,
            material=None, strict=True):
    root = derive("root key", 32)
    root_id = "aes256-" + _hmac(root, b"kms4j/root-key-id/1")[:16].hex()
    iv = derive(name + " iv", 12)
    material = material or derive(name + " material", length)
    aad = wrap_aad(root_id, 3, algorithm, usage, exportable, strict)
    body = b"\x01" + iv + AESGCM(root).encrypt(iv, material, aad)
    write(
        name,
        {
            "algorithm": algorithm,
            "key": root.hex(),
            "root-key-id": root_id,
            "key-id": KEY_ID,
            "version": 3,
            "exportable": str(exportable).lower(),
            **({} if strict else {"strict": "false"}),
            "aad": aad.hex(),
            "iv": iv.hex(),
            "plaintext": material.hex(),
            "expect": expect,
        },
        change(body) if change else body,
    )


# Key pairs: private keys from fixed numbers, in the encodings of OpenSSL


def prime(label):
    """The first fit prime of 2048 bits after fixed ones; e = 65537 must have an inverse."""
    number = int.from_bytes(derive(label, 256), "big") | 3 << 2046 | 1
    while number % 65537 == 1 or any(number % small == 0 for small in (3, 5, 7, 11, 13, 17)) or any(
        pow(base, number - 1, number) != 1 for base in (2, 3, 5, 7)
    ):
        number += 2
    return number


def rsa_key():
    p, q, e = prime("rsa p"), prime("rsa q"), 65537
    d = rsa.rsa_recover_private_exponent(e, p, q)
    return rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(e, p * q),
    ).private_key()


def ec_key(curve):
    """The scalar is short of the order by eight bits, so it is always below it."""
    scalar = derive("ec " + curve.name, (curve.key_size + 7) // 8 - 1)
    return ec.derive_private_key(int.from_bytes(scalar, "big"), curve)


def pair(name, algorithm, key):
    """uint32 length of PKCS#8, PKCS#8, SPKI."""
    pkcs8 = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    material = u32(len(pkcs8)) + pkcs8 + spki
    wrapped(name, algorithm, "sign-verify", 0, False, material=material)


def pairs():
    pair("wrapped-rsa-4096", "RSA_4096", rsa_key())
    pair("wrapped-ecc-nist-p256", "ECC_NIST_P256", ec_key(ec.SECP256R1()))
    pair("wrapped-ecc-nist-p384", "ECC_NIST_P384", ec_key(ec.SECP384R1()))
    pair("wrapped-ecc-nist-p521", "ECC_NIST_P521", ec_key(ec.SECP521R1()))
    for number, kind in (
        (44, mldsa.MLDSA44PrivateKey),
        (65, mldsa.MLDSA65PrivateKey),
        (87, mldsa.MLDSA87PrivateKey),
    ):
        key = kind.from_seed_bytes(derive(f"ml-dsa-{number} seed", 32))
        pair(f"wrapped-ml-dsa-{number}", f"ML_DSA_{number}", key)


def _hmac(key, data):
    import hmac

    return hmac.new(key, data, hashlib.sha256).digest()


def main():
    messages("aes-128-gcm-v01", "aes-128-gcm", 1, 16, 12, aes_message)
    messages("aes-256-gcm-v01", "aes-256-gcm", 1, 32, 12, aes_message)
    messages("aes-256-gcm-v02", "aes-256-gcm", 2, 32, 12, aes_message)
    messages("aes-256-gcm-v02-high", "aes-256-gcm", 300, 32, 12, aes_message)
    messages("xaes-256-gcm", "xaes-256-gcm", 1, 32, 24, xaes_message)
    messages("xaes-256-gcm-rotated", "xaes-256-gcm", 3, 32, 24, xaes_message)

    encrypt = "encrypt-decrypt"
    wrapped("wrapped-aes-256-gcm", "aes-256-gcm", encrypt, 32, False)
    wrapped("wrapped-aes-128-gcm-exportable", "aes-128-gcm", encrypt, 16, True)
    wrapped("wrapped-aes-256-gcm-not-strict", "aes-256-gcm", encrypt, 32, False, strict=False)
    wrapped("wrapped-xaes-256-gcm-exportable-not-strict", "xaes-256-gcm", encrypt, 32, True,
            strict=False)
    wrapped("wrapped-xaes-256-gcm", "xaes-256-gcm", encrypt, 32, False)
    wrapped("wrapped-hmac", "HMAC_SHA_256", "generate-verify-mac", 32, False)
    for digest, length in (("1", 20), ("224", 28), ("384", 48), ("512", 64)):
        name = f"wrapped-hmac-sha-{digest}"
        wrapped(name, f"HMAC_SHA_{digest}", "generate-verify-mac", length, False)
    pairs()
    wrapped("wrapped-refused-format", "aes-256-gcm", encrypt, 32, False, "refused",
            lambda body: b"\x02" + body[1:])
    wrapped("wrapped-refused-short", "aes-256-gcm", encrypt, 32, False, "refused",
            lambda body: body[:28])
    wrapped("wrapped-refused-changed", "aes-256-gcm", encrypt, 32, False, "refused",
            lambda body: body[:-1] + bytes([body[-1] ^ 1]))


if __name__ == "__main__":
    main()
