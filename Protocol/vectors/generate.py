#!/usr/bin/env python3
"""Writes the golden vectors of mintmark/1 and the generated parts of mintmark-v1.md.

    generate.py            write the files
    generate.py --check    write nothing; exit 1 when a file differs from what would be written

Python 3.10 or newer, standard library only.
"""

import sys

sys.dont_write_bytecode = True

from pathlib import Path  # noqa: E402

from generator import access_tokens, claims, frames, messages, refresh_tokens, sessions, tables, transcripts  # noqa: E402
from generator.registry import Registry  # noqa: E402

PROTOCOL_FOLDER = Path(__file__).resolve().parent.parent


def specification(registry):
    text = (PROTOCOL_FOLDER / "mintmark-v1.md").read_text(encoding="utf-8")
    wanted = {"kinds", "fields", "statuses", "limits"} | {f"message {k} {d}" for k, d in registry.messages}
    missing = wanted - set(tables.names(text))
    if missing:
        sys.exit(f"mintmark-v1.md has no place for: {', '.join(sorted(missing))}")
    return tables.fill(registry, text)


def outputs():
    """Every generated file: its path and its text."""
    registry = Registry()
    vectors = {name.lower().replace("_", "-"): messages.document(registry, name) for name in registry.kinds}
    vectors["frames"] = frames.document(registry)
    vectors["auth-transcript"] = transcripts.document(registry)
    vectors["refresh-tokens"] = refresh_tokens.document()
    vectors["sessions"] = sessions.document()
    vectors["claims"] = claims.document()
    vectors["access-tokens"] = access_tokens.document()
    files = {PROTOCOL_FOLDER / "vectors" / f"{name}.json": text for name, text in vectors.items()}
    return {PROTOCOL_FOLDER / "mintmark-v1.md": specification(registry)} | files


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit("usage: generate.py [--check]")
    stale = []
    files = outputs()
    for path in sorted(PROTOCOL_FOLDER.glob("vectors/*.json")):
        if path not in files:
            sys.exit(f"not written by the generator: {path.relative_to(PROTOCOL_FOLDER)}")
    for path, text in files.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.relative_to(PROTOCOL_FOLDER))
        if not arguments:
            path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"{'differs' if arguments else 'written'}: {path}")
    return 1 if arguments and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
