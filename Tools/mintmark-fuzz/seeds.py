#!/usr/bin/env python3
"""Writes what fuzzing starts from, one file each: the frames and tokens of the protocol's vectors, and what is in the
golden files of the store.

    seeds.py TARGET DIRECTORY
"""

import base64
import contextlib
import io
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
VECTORS = ROOT / "Protocol" / "vectors"
GOLDEN = ROOT / "Tests" / "MintmarkStorageTests" / "Golden" / "version-1"


def frames():
    for path in sorted(VECTORS.glob("*.json")):
        yield from frames_in(json.loads(path.read_text()))


def frames_in(value):
    """Every member called `frame`, however deep."""
    if isinstance(value, dict):
        if isinstance(value.get("frame"), str):
            yield bytes.fromhex(value["frame"])
        for member in value.values():
            yield from frames_in(member)
    elif isinstance(value, list):
        for item in value:
            yield from frames_in(item)


def tokens():
    """The first byte says what the rest is: see TokenFuzz."""
    for case in json.loads((VECTORS / "access-tokens.json").read_text())["cases"]:
        token = case["token"].encode()
        yield b"\0" + token
        if case.get("active"):
            header, payload, _ = (base64.urlsafe_b64decode(part + b"==") for part in token.split(b"."))
            yield b"\1" + payload
            yield b"\2" + header
    yield b"\3" + rb'{"a":[1,-2.5e3,true,null,"\u00e9\n"],"b":{"c":{}}}'


def json_texts():
    """Without their first byte the seeds of tokens that are JSON; and the claims of the vectors."""
    yield from (seed[1:] for seed in tokens() if seed[0])
    for case in json.loads((VECTORS / "claims.json").read_text())["cases"]:
        if isinstance(case.get("claims"), str):
            yield bytes.fromhex(case["claims"])


def refresh_tokens():
    for case in json.loads((VECTORS / "refresh-tokens.json").read_text())["cases"]:
        yield b"\0" + case["token"].encode()
    yield b"\1" + bytes(range(30))
    yield b"\1" + bytes(30)


def stored():
    """The events of the golden journal, and the chunks of the golden snapshots, decrypted."""
    sys.path.insert(0, str(ROOT / "Protocol" / "examples"))
    import read_store

    events, chunks = [], []
    read_event, read_chunk = read_store.read_event, read_store.read_chunk
    read_store.read_event = lambda data: events.append(data) or read_event(data)

    def chunk(snapshot, told, plaintext, token_key):
        chunks.append(plaintext)
        return read_chunk(snapshot, told, plaintext, token_key)

    read_store.read_chunk = chunk
    with contextlib.redirect_stdout(io.StringIO()):
        if read_store.main([str(GOLDEN)]):
            sys.exit("the golden files cannot be read")
    return events, chunks


def parts(items):
    """As StorageFuzz.parts takes them apart."""
    return b"".join(len(item).to_bytes(2, "big") + item for item in items)


def journal():
    """The first byte says what the rest is: see JournalFuzz."""
    events, _ = stored()
    for count in (1, 2, 5, len(events)):
        for start in range(0, len(events), count):
            yield b"\2" + parts(events[start : start + count])
    yield b"\1\1\0\1" + b"\0" + bytes([len(events[0]) & 0x7F | 0x80, len(events[0]) >> 7]) + events[0]
    for path in sorted(GOLDEN.glob("journal-*")):
        yield b"\0" + path.read_bytes()[144 : 144 + 2000]


def snapshots():
    """The first byte says what the rest is: see SnapshotFuzz."""
    _, chunks = stored()
    small = [chunk for chunk in chunks if len(chunk) < 1024]
    yield b"\1" + parts(chunks)
    yield b"\1" + parts(small)
    for chunk in chunks:
        yield b"\1" + parts([chunks[0], chunk, chunks[-1]])
    yield b"\0" + parts([bytes(40), bytes(100)])


SEEDS = {
    "frames": frames,
    "tokens": tokens,
    "json": json_texts,
    "refreshtokens": refresh_tokens,
    "journal": journal,
    "snapshots": snapshots,
}


def main():
    target, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[target]()):
        (directory / f"seed-{number:04}").write_bytes(seed)


main()
