"""Refresh tokens as a server writes them (sessions.md, "Inside a refresh token")."""

import hashlib
import struct

from .jwt import base64url

PREFIX = b"mmrt_"
MASTER_KEY = bytes(range(32))
CONTEXT = b"mmrtmac_"
VERSION = 1


def tag_key(key_id, master_key=MASTER_KEY):
    """crypto_kdf_derive_from_key of libsodium."""
    salt = struct.pack("<Q", key_id).ljust(16, b"\0")
    return hashlib.blake2b(b"", digest_size=32, key=master_key, salt=salt, person=CONTEXT.ljust(16, b"\0")).digest()


def tag(data, key_id):
    return hashlib.blake2b(data, digest_size=16, key=tag_key(key_id)).digest()


def contents(key_id, epoch, session_id, generation, version=VERSION):
    data = struct.pack(">BBQ", version, key_id, epoch) + session_id + struct.pack(">I", generation)
    return data + tag(data, key_id)


def spelling(data):
    return PREFIX + base64url(data).encode("ascii")


def token(key_id, epoch, session_id, generation, version=VERSION):
    return spelling(contents(key_id, epoch, session_id, generation, version))
