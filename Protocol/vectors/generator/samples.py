"""The values that vectors and worked examples are made of."""

from . import jwt, refresh

NOW = 1767225600  # 2026-01-01T00:00:00Z
ISSUER = "https://issuer.example"
SESSION_ID = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
EPOCH = (NOW - 1577836800) * 1000 << 20 | 0x5A5A5
CLIENT_NONCE = bytes(range(0x20, 0x40))
SERVER_NONCE = bytes(range(0x40, 0x60))


def access_claims(**changes):
    """The claims of a SIGN answer; a change to None takes the claim out."""
    claims = {
        "iss": ISSUER,
        "sub": "user-1",
        "aud": "api",
        "client_id": "local",
        "iat": NOW,
        "exp": NOW + 300,
        "jti": "oKGio6SlpqeoqaqrrK2urw",
    }
    claims.update(changes)
    return {name: value for name, value in claims.items() if value is not None}


ACCESS_TOKEN = jwt.sign(jwt.HEADER, access_claims())
SESSION_TOKEN = jwt.sign(jwt.HEADER, access_claims(sid=jwt.base64url(SESSION_ID), scope="read write"))
REFRESH_TOKEN = refresh.token(EPOCH, SESSION_ID, 0)
NEXT_REFRESH_TOKEN = refresh.token(EPOCH, SESSION_ID, 1)
JWKS = jwt.compact_json(
    {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "use": "sig",
                "alg": "EdDSA",
                "kid": jwt.TEST_KEY_ID,
                "x": jwt.base64url(jwt.TEST_PUBLIC_KEY),
            }
        ]
    }
)

# One value per field; messages that need another one change it below. The field check does not judge tokens and
# key sets, so short stand-ins do.
VALUES = {
    "magic": b"MINTMARK",
    "lowest_version": 1,
    "highest_version": 1,
    "client_name": "example/1.0",
    "client_nonce": CLIENT_NONCE,
    "version": 1,
    "server_build": "mintmarkd/1.0.0",
    "server_time": NOW,
    "frame_length_limit": 65536,
    "in_flight_limit": 1024,
    "server_nonce": SERVER_NONCE,
    "authentication_required": False,
    "signature": bytes(range(64)),
    "access_token": b"header.claims.signature",
    "refresh_token": REFRESH_TOKEN,
    "claims": b'{"role":"admin"}',
    "subject": "user-1",
    "audience": ["api", "files"],
    "expected_audience": "api",
    "any_audience": True,
    "scope": "read write",
    "access_token_ttl": 60,
    "expires_at": NOW + 300,
    "expires_in": 300,
    "active": True,
    "reason": 331,
    "omit_claims": True,
    "require_live_session": True,
    "leeway": 5,
    "session_id": SESSION_ID,
    "client_id": "local",
    "context": bytes.fromhex("c0ffee"),
    "attempt_id": bytes(range(0x60, 0x70)),
    "refresh_expires_at": NOW + 2592000,
    "refresh_expires_in": 2592000,
    "session_expires_at": NOW + 31536000,
    "session_expires_in": 31536000,
    "refresh_outcome": 1,
    "generation": 1,
    "created_at": NOW - 60,
    "last_used_at": NOW,
    "all": True,
    "jwks": b'{"keys":[]}',
    "counters": [("connections_accepted", 3), ("requests_sign", 18446744073709551615)],
    "ready": False,
    "readiness_reasons": ["recovery"],
    "build_id": bytes(range(0xA0, 0xB4)),
    "settings": ["threads=2", "storage.durability=always"],
    "settings_digest": bytes(range(0xC0, 0xE0)),
    "status": 305,
    "message": "The refresh token was used before.",
    "field": 0x11,
    "reuse_class": 2,
    "rule": "audiences",
    "retry_after": 250,
    "signing_keys": [
        {
            "prepared_at": NOW - 7200,
            "usable_at": NOW - 3600,
            "activated_at": NOW - 3600,
            "retired_at": 0,
            "ended_at": 0,
            "state": 2,
            "public_key": jwt.TEST_PUBLIC_KEY,
            "key_id": jwt.TEST_KEY_ID,
        },
        {
            "prepared_at": NOW,
            "usable_at": NOW + 3600,
            "activated_at": 0,
            "retired_at": 0,
            "ended_at": 0,
            "state": 1,
            "public_key": bytes(range(32)),
            "key_id": "next",
        },
    ],
    "key_id": jwt.TEST_KEY_ID,
    "usable_at": NOW + 3600,
    "immediately": True,
    "key_file": "next.pem",
}

CHANGES = {
    ("REFRESH", "request"): {"audience": ["api"], "scope": "read"},
    ("REFRESH", "response"): {"refresh_token": NEXT_REFRESH_TOKEN},
}


def values(message):
    """A value for every field of a message."""
    changes = CHANGES.get((message.name, message.direction), {})
    return {field.name: changes.get(field.name, VALUES[field.name]) for field in message.fields}


# The worked examples of mintmark-v1.md: request id and values.
EXAMPLES = {
    ("HELLO", "request"): (
        1,
        {
            "magic": b"MINTMARK",
            "lowest_version": 1,
            "highest_version": 1,
            "client_name": "example/1.0",
            "client_nonce": CLIENT_NONCE,
        },
    ),
    ("HELLO", "response"): (
        1,
        {
            "version": 1,
            "server_build": "mintmarkd/1.0.0",
            "server_time": NOW,
            "frame_length_limit": 65536,
            "in_flight_limit": 1024,
            "server_nonce": SERVER_NONCE,
            "authentication_required": False,
        },
    ),
    ("PING", "request"): (258, {}),
    ("PING", "response"): (258, {"server_time": NOW}),
    ("VERIFY", "request"): (2, {"access_token": ACCESS_TOKEN, "expected_audience": "api", "leeway": 5}),
    ("VERIFY", "response"): (2, {"claims": jwt.compact_json(access_claims()), "active": True}),
    ("REFRESH", "request"): (3, {"refresh_token": REFRESH_TOKEN}),
    ("REFRESH", "response"): (
        3,
        {
            "server_time": NOW,
            "access_token": SESSION_TOKEN,
            "refresh_token": NEXT_REFRESH_TOKEN,
            "expires_at": NOW + 300,
            "expires_in": 300,
            "session_id": SESSION_ID,
            "refresh_expires_at": NOW + 2592000,
            "refresh_expires_in": 2592000,
            "session_expires_at": NOW + 31536000,
            "session_expires_in": 31536000,
            "refresh_outcome": 1,
            "generation": 1,
        },
    ),
    ("KEYS", "response"): (4, {"jwks": JWKS}),
    ("ERROR", "response"): (
        3,
        {
            "server_time": NOW,
            "status": 305,
            "message": "The refresh token was used before.",
            "reuse_class": 2,
        },
    ),
}
