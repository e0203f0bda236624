"""refresh-tokens.json: good and hostile spellings of refresh tokens."""

import base64
import binascii
import hashlib
import hmac
import struct

from . import refresh, rendering, samples

EPOCH, SESSION_ID = samples.EPOCH, samples.SESSION_ID
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def parse(token):
    """What a server reads, or None: INVALID."""
    if len(token) != 67 or not token.startswith("mmrt_") or any(c not in ALPHABET for c in token[5:]):
        return None
    try:
        data = base64.urlsafe_b64decode(token[5:] + "==")
    except binascii.Error:
        return None
    if refresh.spelling(data) != token.encode():
        return None
    version, key_id, epoch = struct.unpack_from(">BBQ", data)
    if version != refresh.VERSION or key_id != refresh.key_of_epoch(epoch):
        return None
    if not hmac.compare_digest(refresh.tag(data[:30], refresh.tag_key(key_id)), data[30:]):
        return None
    return {
        "version": version,
        "mac_key_id": key_id,
        "store_epoch": str(epoch),
        "session_id": data[10:26].hex(),
        "generation": int.from_bytes(data[26:30], "big"),
        "tag": data[30:].hex(),
    }


def good_tokens():
    second, third = refresh.FIRST_EPOCHS[2], refresh.FIRST_EPOCHS[255]
    return {
        "opened": refresh.token(EPOCH, SESSION_ID, 0),
        "rotated once": refresh.token(EPOCH, SESSION_ID, 1),
        "greatest generation": refresh.token(EPOCH, SESSION_ID, 2**32 - 1),
        "epoch 0": refresh.token(0, SESSION_ID, 7),
        "last epoch of MAC key 1": refresh.token(second - 1, SESSION_ID, 7),
        "first epoch of MAC key 2": refresh.token(second, SESSION_ID, 7),
        "last epoch of MAC key 2": refresh.token(third - 1, SESSION_ID, 7),
        "first epoch of MAC key 255": refresh.token(third, SESSION_ID, 7),
        "greatest epoch": refresh.token(2**64 - 1, SESSION_ID, 7),
        "session id of zeros": refresh.token(EPOCH, bytes(16), 1),
        "session id of ones": refresh.token(EPOCH, b"\xff" * 16, 1),
    }


def wrong_contents():
    """The right spelling of contents that are not a token."""
    contents = refresh.contents(1, EPOCH, SESSION_ID, 1)
    positions = {"version": 0, "MAC key id": 1, "epoch": 9, "session id": 10, "generation": 29, "tag": 30, "end": 45}
    rows = {}
    for name, position in positions.items():
        changed = bytearray(contents)
        changed[position] ^= 1
        rows[f"one bit changed: {name}"] = bytes(changed)
    tagged, key = contents[:30], refresh.tag_key(1)
    rows["tag of MAC key 2 under id 1"] = tagged + refresh.tag(tagged, refresh.tag_key(2))
    rows["tag of another master key"] = tagged + refresh.tag(tagged, refresh.tag_key(1, bytes(32)))
    rows["tag made with the master key itself"] = tagged + refresh.tag(tagged, refresh.MASTER_KEY)
    rows["tag without a key"] = tagged + refresh.tag(tagged, b"")
    rows["tag cut from a longer digest"] = tagged + hashlib.blake2b(tagged, digest_size=32, key=key).digest()[:16]
    rows["MAC key 2 for an epoch of key 1, right tag"] = refresh.contents(2, EPOCH, SESSION_ID, 1)
    rows["MAC key 1 for an epoch of key 2, right tag"] = refresh.contents(1, refresh.FIRST_EPOCHS[2], SESSION_ID, 1)
    rows["MAC key 3 that the server does not have"] = refresh.contents(3, EPOCH, SESSION_ID, 1)
    rows["tag of zeros"] = contents[:30] + bytes(16)
    rows["version 0, right tag"] = refresh.contents(1, EPOCH, SESSION_ID, 1, version=0)
    rows["version 2, right tag"] = refresh.contents(1, EPOCH, SESSION_ID, 1, version=2)
    rows["one byte short"] = contents[:-1]
    rows["one byte more"] = contents + b"\0"
    rows["without a tag"] = contents[:30]
    rows["two tokens in one"] = contents + contents
    return {name: refresh.spelling(data).decode() for name, data in rows.items()}


def wrong_spellings():
    """Other spellings of a good token."""
    good = refresh.token(EPOCH, SESSION_ID, 1).decode()
    body = good[5:]
    standard = base64.b64encode(refresh.contents(1, EPOCH, SESSION_ID, 1)).decode().rstrip("=")
    assert standard != body, "the sample needs a character in which both alphabets differ"
    rows = {
        "empty": "",
        "prefix alone": "mmrt_",
        "no prefix": body,
        "prefix in capitals": "MMRT_" + body,
        "another prefix": "mmat_" + body,
        "prefix twice": "mmrt_" + good,
        "prefix with a hyphen": "mmrt-" + body,
        "padding of one": good + "=",
        "padding of two": good + "==",
        "padding in place of a character": good[:-1] + "=",
        "standard base64 alphabet": "mmrt_" + standard,
        "leading space": " " + good,
        "trailing space": good + " ",
        "trailing newline": good + "\n",
        "newline inside": good[:40] + "\n" + good[41:],
        "trailing NUL": good + "\0",
        "NUL inside": good[:40] + "\0" + good[41:],
        "a letter outside ASCII": good[:40] + "é" + good[42:],
        "one character short": good[:-1],
        "one character more": good + "A",
        "percent-encoded": good.replace("_", "%5F"),
        "letters swapped in case": "mmrt_" + body.swapcase(),
        "twice": good + good,
        "8192 characters": "mmrt_" + "A" * 8187,
    }
    last = ALPHABET.index(good[-1])
    assert last % 16 == 0
    for bits in range(1, 16):
        rows[f"unused bits {bits:04b}"] = good[:-1] + ALPHABET[last + bits]
    return rows


def document():
    cases = []
    for name, token in good_tokens().items():
        fields = parse(token.decode())
        assert fields, name
        cases.append({"name": name, "token": token.decode(), "fields": fields})
    for name, token in (wrong_contents() | wrong_spellings()).items():
        assert parse(token) is None, name
        cases.append({"name": name, "token": token, "error": "INVALID"})
    keys = [
        {"id": key_id, "first_epoch": str(first), "key": refresh.tag_key(key_id).hex()}
        for key_id, first in refresh.FIRST_EPOCHS.items()
    ]
    return rendering.document(
        {"master_key": refresh.MASTER_KEY.hex(), "context": refresh.CONTEXT.decode(), "keys": keys, "cases": cases}
    )
