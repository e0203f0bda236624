"""VERIFY without server state: the steps 1 to 15 of mintmark-v1.md, section 14."""

import base64
import re

from . import ed25519
from .strict_json import NotStrict, parse_object

BASE64URL = re.compile(rb"[A-Za-z0-9_-]*\Z")
REFUSED_MEMBERS = ("crit", "jwk", "jku", "x5u", "x5c", "zip", "b64")
TOKEN_LENGTH_MAX, HEADER_LENGTH_MAX, KEY_ID_LENGTH_MAX = 8192, 1024, 64
CLAIMS_DEPTH_MAX, HEADER_DEPTH_MAX = 16, 2


class Refused(Exception):
    """The reason's name is the first argument."""


def decode_base64url(part):
    if not BASE64URL.match(part) or len(part) % 4 == 1:
        raise Refused("TOKEN_MALFORMED")
    data = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=") != part:
        raise Refused("TOKEN_MALFORMED")
    return data


def strict_object(data, depth_max):
    try:
        return parse_object(data, depth_max)
    except NotStrict:
        raise Refused("TOKEN_MALFORMED") from None


def check_header(header, keys):
    """Returns the key's entry."""
    if header.get("alg") not in ("EdDSA", "Ed25519"):
        raise Refused("ALGORITHM_REFUSED")
    if any(name in header for name in REFUSED_MEMBERS):
        raise Refused("HEADER_REFUSED")
    if header.get("typ") != "at+jwt":
        raise Refused("TYPE_REFUSED")
    key_id = header.get("kid")
    known = isinstance(key_id, str) and len(key_id.encode()) <= KEY_ID_LENGTH_MAX
    key = next((key for key in keys if known and key["kid"] == key_id), None)
    if key is None:
        raise Refused("KEY_UNKNOWN")
    if key["state"] == "revoked":
        raise Refused("KEY_REVOKED")
    return key


def is_date(value):
    return type(value) is int and 0 <= value < 2**63


def is_session_id(text):
    try:
        return len(decode_base64url(text.encode())) == 16
    except Refused:
        return False


def check_types(claims):
    texts = ("iss", "sub", "jti", "client_id", "sid", "scope")
    audience = claims.get("aud")
    items = audience if isinstance(audience, list) else [audience]
    good = (
        all(name in claims for name in ("iss", "sub", "aud", "iat", "exp"))
        and all(isinstance(claims[name], str) for name in texts if name in claims)
        and all(is_date(claims[name]) for name in ("exp", "iat", "nbf") if name in claims)
        and len(items) > 0
        and all(isinstance(item, str) for item in items)
        and is_session_id(claims.get("sid", "A" * 22))
    )
    if not good:
        raise Refused("CLAIMS_REFUSED")
    return items


def verify(token, settings, keys, expected_audience):
    """Returns the bytes of the claims; raises Refused. `expected_audience` None: any audience."""
    if len(token) > TOKEN_LENGTH_MAX:
        raise Refused("TOKEN_OVERSIZE")
    parts = token.split(b".")
    if len(parts) != 3:
        raise Refused("TOKEN_MALFORMED")
    header_bytes, payload, signature = [decode_base64url(part) for part in parts]
    if len(header_bytes) > HEADER_LENGTH_MAX:
        raise Refused("TOKEN_MALFORMED")
    key = check_header(strict_object(header_bytes, HEADER_DEPTH_MAX), keys)
    signed = token[: token.rindex(b".")]
    if not ed25519.verifies(bytes.fromhex(key["public_key"]), signed, signature):
        raise Refused("SIGNATURE_INVALID")
    claims = strict_object(payload, CLAIMS_DEPTH_MAX)
    audiences = check_types(claims)
    if claims["iss"] != settings["issuer"]:
        raise Refused("ISSUER_REFUSED")
    if expected_audience is not None and expected_audience not in audiences:
        raise Refused("AUDIENCE_REFUSED")
    now, leeway = settings["now"], settings["leeway"]
    if now >= claims["exp"] + leeway:
        raise Refused("TOKEN_EXPIRED")
    if max(claims.get("nbf", 0), claims["iat"]) > now + leeway:
        raise Refused("TOKEN_NOT_YET_VALID")
    return payload
