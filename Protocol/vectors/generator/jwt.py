"""JWTs of mintmark/1: base64url, JWK thumbprint, signing under a published test key."""

import base64
import hashlib
import json

from . import ed25519

# RFC 8032 section 7.1, test 1; also the key of RFC 8037 appendix A.
TEST_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
TEST_PUBLIC_KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
# RFC 8032 section 7.1, test 2.
OTHER_SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def compact_json(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def thumbprint(public):
    """RFC 7638 over the members RFC 8037 section 2 names."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": base64url(public)}
    return base64url(hashlib.sha256(compact_json(members)).digest())


TEST_KEY_ID = thumbprint(TEST_PUBLIC_KEY)
OTHER_PUBLIC_KEY = ed25519.public_key(OTHER_SEED)
OTHER_KEY_ID = thumbprint(OTHER_PUBLIC_KEY)
HEADER = {"alg": "EdDSA", "typ": "at+jwt", "kid": TEST_KEY_ID}


def signing_input(header, claims):
    """Header and claims as objects, or as raw bytes."""
    parts = [part if isinstance(part, bytes) else compact_json(part) for part in (header, claims)]
    return ".".join(base64url(part) for part in parts).encode("ascii")


def sign(header, claims, seed=TEST_SEED):
    message = signing_input(header, claims)
    return message + b"." + base64url(ed25519.sign(seed, message)).encode("ascii")
