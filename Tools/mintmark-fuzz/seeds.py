#!/usr/bin/env python3
"""Writes what fuzzing starts from: the frames and tokens of the protocol's vectors, one file each.

    seeds.py frames DIRECTORY
    seeds.py tokens DIRECTORY
"""

import base64
import json
import pathlib
import sys

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "Protocol" / "vectors"


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


def main():
    target, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate({"frames": frames, "tokens": tokens}[target]()):
        (directory / f"seed-{number:04}").write_bytes(seed)


main()
