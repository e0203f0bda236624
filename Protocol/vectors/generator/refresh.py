"""Refresh tokens as a server writes them (sessions.md, "Inside a refresh token")."""

import hashlib
import struct

from .jwt import base64url

PREFIX = b"mmrt_"
MASTER_KEY = bytes(range(32))
CONTEXT = b"mmrtmac_"
VERSION = 1
# The test server's MAC keys: id, and the first epoch whose tokens they make.
FIRST_EPOCHS = {1: 0, 2: 2**62, 255: 2**63}


def tag_key(key_id, master_key=MASTER_KEY):
    """crypto_kdf_derive_from_key of libsodium."""
    salt = struct.pack("<Q", key_id).ljust(16, b"\0")
    return hashlib.blake2b(b"", digest_size=32, key=master_key, salt=salt, person=CONTEXT.ljust(16, b"\0")).digest()


def key_of_epoch(epoch):
    """The id of the key with the greatest first epoch not above `epoch`."""
    return max((first, key_id) for key_id, first in FIRST_EPOCHS.items() if first <= epoch)[1]


def tag(data, key):
    return hashlib.blake2b(data, digest_size=16, key=key).digest()


def contents(key_id, epoch, session_id, generation, version=VERSION):
    data = struct.pack(">BBQ", version, key_id, epoch) + session_id + struct.pack(">I", generation)
    return data + tag(data, tag_key(key_id))


def spelling(data):
    return PREFIX + base64url(data).encode("ascii")


def token(epoch, session_id, generation):
    return spelling(contents(key_of_epoch(epoch), epoch, session_id, generation))
