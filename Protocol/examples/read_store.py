"""Reads a data directory of mintmarkd and prints what is in it as JSON; written from ../journal.md and ../snapshot.md.

    python3 read_store.py DIRECTORY [MASTER_KEY_FILE]

Changes nothing. Exit code 0; 4 when a daemon would refuse the directory, with file, offset and reason on stderr; 2 when a
file cannot be read.
Needs libsodium's shared library, which mintmarkd needs too, and nothing else beside Python.
"""
import ctypes, ctypes.util, hashlib, json, pathlib, re, signal, sys

sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
MAGIC = {"segment": b"MMJOUR\r\n", "snapshot": b"MMSNAP\r\n", "manifest": b"MMMANI\r\n"}
ORIGINS = {1: "first", 2: "continuation", 3: "restart"}
REASONS = {1: "requested", 2: "reuse", 3: "client mismatch", 4: "replaced"}
STAGES = {0: "none", 1: "marked", 2: "begun"}
LSN_MAX = 2**48 - 1


class Refused(Exception):
    """Why a daemon would not start: file, offset, reason."""

    def __init__(self, file, offset, reason):
        super().__init__(f"{file}, offset {offset}: {reason}")


class Contradiction(Exception):
    """Authentic, but cannot be."""


# Primitives


def kdf(master: bytes, context: str) -> bytes:
    key = ctypes.create_string_buffer(32)
    sodium.crypto_kdf_derive_from_key(key, ctypes.c_size_t(32), ctypes.c_uint64(1), context.encode(), master)
    return key.raw


def keyed_hash(key: bytes, message: bytes, size: int = 32) -> bytes:
    return hashlib.blake2b(message, key=key, digest_size=size).digest()


def open_box(key: bytes, sealed: bytes, additional: bytes):
    """XChaCha20-Poly1305: nonce, ciphertext, tag. None where it does not open."""
    nonce, ciphertext = sealed[:24], sealed[24:]
    plaintext = ctypes.create_string_buffer(max(1, len(ciphertext) - 16))
    result = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        plaintext, None, None, ciphertext, ctypes.c_ulonglong(len(ciphertext)),
        additional, ctypes.c_ulonglong(len(additional)), nonce, key,
    )
    return plaintext.raw[: len(ciphertext) - 16] if result == 0 else None


class SecretStream:
    def __init__(self, key: bytes, header: bytes):
        self.state = ctypes.create_string_buffer(sodium.crypto_secretstream_xchacha20poly1305_statebytes())
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(self.state, header, key)

    def pull(self, chunk: bytes, additional: bytes):
        """Plaintext and tag; None where it does not open."""
        plaintext, tag = ctypes.create_string_buffer(len(chunk)), ctypes.c_ubyte()
        result = sodium.crypto_secretstream_xchacha20poly1305_pull(
            self.state, plaintext, None, ctypes.byref(tag), chunk, ctypes.c_ulonglong(len(chunk)),
            additional, ctypes.c_ulonglong(len(additional)),
        )
        return (plaintext.raw[: len(chunk) - 17], tag.value) if result == 0 else None


class Fields:
    """Takes big-endian numbers and bytes one after the other."""

    def __init__(self, data: bytes):
        self.data, self.offset = data, 0

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.offset:
            raise Contradiction("it ends too early")
        self.offset += size
        return self.data[self.offset - size : self.offset]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def zeros(self, size: int):
        if any(self.take(size)):
            raise Contradiction("a reserved byte is not zero")

    def leb128(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if (byte == 0 and shift > 0) or value >= 2**64:
                    raise Contradiction("a number that is not in its shortest form")
                return value
            shift += 7

    @property
    def rest(self) -> int:
        return len(self.data) - self.offset


def beginning(file: str, kind: str, data: bytes, size: int, key_id_offset: int, key_id: int):
    """Magic, version, length and key id of a file."""
    if data[:8] != MAGIC[kind]:
        raise Refused(file, 0, "not a file of this kind")
    version = int.from_bytes(data[8:10], "big")
    if version != 1:
        raise Refused(file, 0, f"format version {version}; this program reads 1")
    if len(data) < size:
        raise Refused(file, 0, "it ends too early")
    if key_id is not None and data[key_id_offset] != key_id:
        raise Refused(file, 0, f"written under master key {data[key_id_offset]}")


# Records and events


def read_clocks(fields: Fields) -> dict:
    names = "serviceMilliseconds", "storeSeconds", "issuedAtMax"
    return {name: fields.number(8) for name in names}


def read_target(fields: Fields) -> dict:
    kind = fields.number(1)
    if kind not in (1, 2, 3):
        raise Contradiction(f"a target of kind {kind}")
    if kind == 3:
        return {"kind": "all"}
    return {"kind": {1: "subject", 2: "client"}[kind], "name": fields.take(fields.number(2)).decode()}


def read_record(data: bytes) -> dict:
    fields = Fields(data)
    if fields.number(1) != 1:
        raise Contradiction("a record of another version")
    flags = fields.number(2)
    if flags >> 9 or flags & 7 > 4 or flags >> 5 & 3 == 3:
        raise Contradiction("flags that mean nothing")
    record = {"id": fields.take(16).hex(), "openLSN": fields.number(6)}
    record |= {"epoch": fields.number(8), "generation": fields.number(4)}
    previous_epoch = fields.number(8)
    if record["generation"] > 0:
        record["previousEpoch"] = previous_epoch
    record |= {"rotatedAtMilliseconds": fields.number(6), "graceUses": fields.number(2), "graceStreak": fields.number(2)}
    for name in "created", "lastUsed", "absoluteExpiry", "idleExpiry", "accessTokenExpiry":
        record[name + "Seconds"] = fields.number(5)
    record |= {"forcedLSN": fields.number(6), "forcedStage": STAGES[flags >> 5 & 3]}
    context_hash = fields.take(16).hex()
    if flags >> 7 & 1:
        record["contextHash"] = context_hash
    if flags & 7:
        record["revoked"] = REASONS[flags & 7]
    record |= {"isReleased": bool(flags >> 3 & 1), "hasGraceAnswer": bool(flags >> 4 & 1)}
    record["isTombstone"] = bool(flags >> 8 & 1)
    sizes = [fields.number(1)] + [fields.number(2) for _ in range(4)]
    texts = [fields.take(size) for size in sizes]
    audience, items = Fields(texts[2]), []
    while audience.rest:
        items.append(audience.take(audience.number(2)).decode())
    record |= {"client": texts[0].decode(), "subject": texts[1].decode(), "audience": items}
    record |= {"scope": texts[3].decode(), "claims": texts[4].decode()}
    if fields.rest:
        raise Contradiction("bytes behind a record")
    return record


def read_rotation(fields: Fields) -> dict:
    event = {"session": fields.take(16).hex(), "epoch": fields.number(8), "generation": fields.number(4)}
    event |= {"rotatedAtMilliseconds": fields.number(6), "graceStreak": fields.number(2)}
    for name in "lastUsed", "idleExpiry", "accessTokenExpiry":
        event[name + "Seconds"] = fields.number(5)
    parts = fields.number(1)
    if parts >> 5 or parts >> 1 & 3 == 3:
        raise Contradiction("parts of a rotation that mean nothing")
    event["previousEpoch"] = fields.number(8) if parts & 1 else event["epoch"]
    event["forcedStage"] = STAGES[parts >> 1 & 3]
    event["forcedLSN"] = fields.number(6) if parts >> 3 & 1 else 0
    if parts >> 4 & 1:
        event["contextHash"] = fields.take(16).hex()
    return event


def read_event(data: bytes) -> dict:
    fields = Fields(data)
    kind = fields.number(1)
    if kind == 1:
        return {"kind": "opened", "record": read_record(fields.take(fields.rest))}
    if kind == 2:
        event = {"kind": "rotated"} | read_rotation(fields)
    elif kind == 3:
        event = {"kind": "touched", "session": fields.take(16).hex()}
        for name in "lastUsed", "idleExpiry", "accessTokenExpiry":
            event[name + "Seconds"] = fields.number(5)
    elif kind == 4:
        event = {"kind": "graced", "session": fields.take(16).hex(), "graceUses": fields.number(2)}
        event["accessTokenExpirySeconds"] = fields.number(5)
    elif kind == 5:
        event = {"kind": "revoked", "session": fields.take(16).hex(), "revoked": REASONS[fields.number(1)]}
        event["accessTokenExpirySeconds"] = fields.number(5)
    elif kind == 6:
        event = {"kind": "forced", "session": fields.take(16).hex()}
    elif kind == 7:
        event = {"kind": "cut-off", "target": read_target(fields)}
        event |= {"issuedAtMax": fields.number(5), "storeSeconds": fields.number(5)}
    elif kind == 8:
        event = {"kind": "forced, for a target", "target": read_target(fields), "storeSeconds": fields.number(5)}
    elif kind == 9:
        event = {"kind": "epoch taken", "epoch": fields.number(8)}
    elif kind == 10:
        event = {"kind": "clock"}
    else:
        raise Contradiction(f"an event of kind {kind}")
    if fields.rest:
        raise Contradiction("bytes behind an event")
    return event


# The manifest


def read_manifest(data: bytes, master: bytes) -> dict:
    beginning("manifest", "manifest", data, 184, 10, None)
    if len(data) != 184 or keyed_hash(kdf(master, "mmmanife"), data[:152]) != data[152:]:
        raise Refused("manifest", 0, "damaged, or written under another master key")
    fields = Fields(data)
    fields.take(10)
    manifest = {"keyID": fields.number(1)}
    fields.zeros(5)
    for name in "storeID", "snapshotID", "snapshotTag":
        manifest[name] = fields.take(16).hex()
    manifest["snapshotByteCount"] = fields.number(8)
    fields.zeros(8)
    manifest |= {"firstSegment": fields.number(8), "lastLSN": fields.number(8), "epoch": fields.number(8)}
    manifest |= {"previousSnapshotID": fields.take(16).hex(), "previousFirstSegment": fields.number(8)}
    manifest |= {"serviceMilliseconds": fields.number(8), "storeSeconds": fields.number(8)}
    fields.zeros(8)
    return manifest


# The snapshot


def read_snapshot(file: str, data: bytes, master: bytes, manifest: dict) -> dict:
    if len(data) != manifest["snapshotByteCount"] or data[-16:].hex() != manifest["snapshotTag"]:
        raise Refused(file, 0, "not the file that the manifest names")
    beginning(file, "snapshot", data, 128, 10, manifest["keyID"])
    header = data[:128]
    if keyed_hash(kdf(master, "mmsnphdr"), header[:112], 16) != header[112:]:
        raise Refused(file, 0, "damaged, or written under another master key")
    snapshot = {"id": header[32:48].hex(), "shardCount": int.from_bytes(header[12:16], "big")}
    snapshot |= {"firstSegment": int.from_bytes(header[48:56], "big"), "marks": []}
    snapshot |= {"sessions": [], "cutOffs": [], "forcedRotations": []}
    if header[16:32].hex() != manifest["storeID"] or snapshot["id"] != manifest["snapshotID"]:
        raise Refused(file, 0, "it belongs to another store, or is another snapshot")
    key = keyed_hash(kdf(master, "mmsnapsh"), header[16:32] + header[32:48] + header[56:88])
    stream, offset, is_final, told = SecretStream(key, header[88:112]), 128, False, {}
    while not is_final:
        size = int.from_bytes(data[offset : offset + 4], "big")
        chunk = data[offset + 4 : offset + 4 + size]
        if not 18 <= size <= 65536 + 17 or len(chunk) != size:
            raise Refused(file, offset, f"a chunk of {size} bytes")
        opened = stream.pull(chunk, header if offset == 128 else b"")
        if opened is None or opened[1] not in (0, 3):
            raise Refused(file, offset, "damaged")
        plaintext, is_final = opened[0], opened[1] == 3
        try:
            if (plaintext[0] == 1) != (offset == 128) or (plaintext[0] == 6) != is_final:
                raise Contradiction("a chunk out of its place")
            read_chunk(snapshot, told, plaintext, kdf(master, "mmtokkey"))
        except Contradiction as fault:
            raise Refused(file, offset, fault)
        offset += 4 + size
    if offset != len(data):
        raise Refused(file, offset, "bytes behind its end")
    snapshot["sessions"].sort(key=lambda record: record["id"])
    snapshot["cutOffs"].sort(key=lambda item: item["lsn"])
    snapshot["forcedRotations"].sort(key=lambda item: item["lsn"])
    return snapshot


def read_chunk(snapshot: dict, told: dict, plaintext: bytes, token_key: bytes):
    fields = Fields(plaintext)
    kind = fields.number(1)
    if kind == 1:
        snapshot |= {"tablesMark": fields.number(6), "epoch": fields.number(8), "clocks": read_clocks(fields)}
        snapshot["tokenKeys"] = [read_token_key(fields, token_key) for _ in range(fields.number(2))]
    elif kind == 2:
        number, mark = fields.number(4), fields.number(6)
        if told.setdefault(number, mark) != mark:
            raise Contradiction("two marks of one shard")
        while fields.rest:
            record = read_record(fields.take(fields.number(2)))
            if int(record["id"], 16) % snapshot["shardCount"] != number:
                raise Contradiction("a record in another shard than its own")
            snapshot["sessions"].append(record)
    elif kind == 3:
        while fields.rest:
            item = {"target": read_target(fields), "lsn": fields.number(6), "issuedAtMax": fields.number(5)}
            snapshot["cutOffs"].append(item | {"storeSeconds": fields.number(5)})
    elif kind == 4:
        while fields.rest:
            item = {"target": read_target(fields), "lsn": fields.number(6), "storeSeconds": fields.number(5)}
            snapshot["forcedRotations"].append(item)
    elif kind == 5:
        while fields.rest:
            snapshot["marks"].append(fields.number(6))
    elif kind == 6:
        for name in "sessions", "cutOffs", "forcedRotations":
            if fields.number(8) != len(snapshot[name]):
                raise Contradiction("the counts of a snapshot")
        if len(snapshot["marks"]) != snapshot["shardCount"]:
            raise Contradiction("the number of marks")
        if any(snapshot["marks"][number] != mark for number, mark in told.items()):
            raise Contradiction("the marks of shards")
    else:
        raise Contradiction(f"a chunk of kind {kind}")
    if fields.rest:
        raise Contradiction("bytes behind the content of a chunk")


def read_token_key(fields: Fields, token_key: bytes) -> dict:
    key_id = fields.take(1)
    state = fields.number(1)
    if state not in (1, 2):
        raise Contradiction(f"a key in state {state}")
    key = {"id": key_id[0], "firstEpoch": fields.number(8), "isHonoured": state == 1}
    if state == 1:
        secret = open_box(token_key, fields.take(72), key_id)
        if secret is None:
            raise Contradiction("a key that cannot be opened")
        # Not the key itself: who compares needs no more.
        key["fingerprint"] = keyed_hash(secret, b"", 16).hex()
    return key


# The journal


class Segment:
    """A segment's header, and its boxes one after the other."""

    def __init__(self, file: str, data: bytes, number: int, master: bytes, manifest: dict):
        self.file, self.data, self.offset = file, data, 144
        beginning(file, "segment", data, 144, 11, manifest["keyID"])
        if keyed_hash(kdf(master, "mmjrnhdr"), data[:128], 16) != data[128:144]:
            raise Refused(file, 0, "damaged, or written under another master key")
        fields = Fields(data)
        try:
            fields.take(10)
            self.origin = ORIGINS.get(fields.number(1), "?")
            fields.take(1)
            fields.zeros(4)
            self.store_id, self.number, self.last_lsn = fields.take(16), fields.number(8), fields.number(8)
            self.link, self.durable_lsn, self.box_number = fields.take(16), fields.number(8), fields.number(8)
            self.header_link, self.header_last_lsn, self.first_box_number = self.link, self.last_lsn, self.box_number
            fields.zeros(16)
        except Contradiction as fault:
            raise Refused(file, 0, fault)
        if self.store_id.hex() != manifest["storeID"] or self.number != number or self.origin == "?":
            raise Refused(file, 0, "it belongs to another store, or has another number")
        self.place = self.store_id + number.to_bytes(8, "big")
        self.key = keyed_hash(kdf(master, "mmjrnseg"), self.place + fields.take(32))
        # From here on: what the next box must follow.
        self.link = data[128:144]

    def open(self, offset: int):
        """Header and plaintext of the box at an offset; None where none opens."""
        header = self.data[offset : offset + 80]
        if len(header) < 80 or header[:4] != b"MMBX":
            return None
        size = int.from_bytes(header[4:8], "big")
        if not 120 <= size <= 2**20 or size % 8 or size > len(self.data) - offset:
            return None
        box = self.data[offset : offset + size]
        plaintext = open_box(self.key, box[80:], header + self.place)
        if plaintext is None:
            return None
        fields = Fields(header)
        fields.take(8)
        values = {"number": fields.number(8), "firstLSN": fields.number(8), "eventCount": fields.number(4)}
        fields.take(4)
        values |= {"link": fields.take(16), "durableLSN": fields.number(8), "clocks": read_clocks(fields)}
        return values | {"size": size, "tag": box[-16:]}, plaintext

    def boxes(self, is_last: bool):
        """The boxes to the end. Refuses damage; stops where a write was torn."""
        while any(self.data[self.offset :]):
            opened = self.open(self.offset)
            if opened is None or not self.follows(opened[0]):
                if not is_last:
                    raise Refused(self.file, self.offset, "damaged")
                self.judge_tail()
                return
            box, plaintext = opened
            try:
                events = self.read_events(box, plaintext)
            except Contradiction as fault:
                raise Refused(self.file, self.offset, fault)
            self.offset += box["size"]
            self.link, self.box_number, self.last_lsn = box["tag"], box["number"] + 1, events[-1]["lsn"]
            kept = {name: box[name] for name in ("number", "durableLSN", "clocks")}
            yield kept | {"events": events}

    def follows(self, box: dict) -> bool:
        return box["number"] == self.box_number and box["link"] == self.link and box["firstLSN"] > self.last_lsn

    def judge_tail(self):
        for offset in range(self.offset, len(self.data), 8):
            opened = self.open(offset)
            if opened and opened[0]["durableLSN"] > self.last_lsn:
                raise Refused(self.file, self.offset, f"damaged, as the box at {offset} proves")

    def read_events(self, box: dict, plaintext: bytes) -> list:
        fields, lsn, events = Fields(plaintext), box["firstLSN"], []
        for index in range(box["eventCount"]):
            step, size = fields.leb128(), fields.leb128()
            lsn += step
            if (index == 0) != (step == 0) or not 1 <= size <= 16384 or lsn > LSN_MAX:
                raise Contradiction("an event that cannot be")
            events.append({"lsn": lsn} | read_event(fields.take(size)))
        if fields.rest > 7 or not events:
            raise Contradiction("a box that holds something else than events")
        fields.zeros(fields.rest)
        return events


def read_journal(directory: pathlib.Path, master: bytes, manifest: dict, snapshot: dict) -> list:
    first = manifest["firstSegment"]
    names = (re.fullmatch(r"journal-(\d{10,})", path.name) for path in directory.iterdir())
    numbers = sorted(int(name[1]) for name in names if name and int(name[1]) >= first)
    files = []
    for number in range(first, max(numbers, default=first) + 1):
        path = directory / f"journal-{number:010}"
        if not path.exists():
            raise Refused(path.name, 0, "the file is missing")
        files.append((path.name, path.read_bytes(), number))
    # What was made at the end for a snapshot that never counted was never used; rekeying made it under another key.
    while len(files) > 1:
        header = files[-1][1][:144]
        is_unused = header[10:11] == b"\3" and header[48:64].hex() != manifest["snapshotID"]
        if not is_unused or any(files[-1][1][144:]):
            break
        if header[11] == manifest["keyID"]:
            Segment(*files[-1], master, manifest)
        files.pop()
    segments = [Segment(*file, master, manifest) for file in files]
    contents, before = [], None
    for segment in segments:
        if before:
            follows = segment.origin == "continuation" and segment.header_link == before.link
            follows &= (segment.last_lsn, segment.box_number) == (before.last_lsn, before.box_number)
        elif segment.origin == "restart":
            follows = segment.header_link.hex() == manifest["snapshotID"]
        else:
            follows = segment.last_lsn <= min(snapshot["marks"] + [snapshot["tablesMark"]])
        if not follows:
            raise Refused(segment.file, 0, "it does not follow what comes before it")
        content = {"number": segment.number, "origin": segment.origin, "lastLSN": segment.header_last_lsn}
        content |= {"durableLSN": segment.durable_lsn, "firstBoxNumber": segment.first_box_number}
        content["boxes"] = list(segment.boxes(is_last=segment is segments[-1]))
        contents.append(content | {"byteCount": segment.offset})
        before = segment
    return contents


def main(arguments: list) -> int:
    directory = pathlib.Path(arguments[0])
    try:
        master = (pathlib.Path(arguments[1]) if arguments[1:] else directory / "master.key").read_bytes()
        if not (directory / "manifest").exists():
            raise Refused("manifest", 0, "the file is missing")
        manifest = read_manifest((directory / "manifest").read_bytes(), master)
        path = directory / f"snapshot-{manifest['firstSegment']:010}"
        if not path.exists():
            raise Refused(path.name, 0, "the file is missing")
        snapshot = read_snapshot(path.name, path.read_bytes(), master, manifest)
        segments = read_journal(directory, master, manifest, snapshot)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 4
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    print(json.dumps({"manifest": manifest, "snapshot": snapshot, "segments": segments}, indent=1, sort_keys=True))
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    # Whoever reads only the beginning, as `head` does, ends it quietly.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main(sys.argv[1:]))
