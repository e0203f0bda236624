"""frames.json: finding frames in a stream, and what the frame header alone decides."""

import struct

from . import codec, rendering, samples

PING = 0x03
PING_FRAME = codec.encode_frame(PING, 9, b"")
LIMIT = 65536


class ScanCases:
    def __init__(self):
        self.cases = []

    def add(self, name, data, limit=LIMIT):
        case = {"name": name, "frame_length_max": limit, "bytes": rendering.data(data)}
        try:
            frame = codec.scan_frame(data, limit)
        except codec.Fault as fault:
            case |= {"outcome": "invalid", "status": fault.status}
        else:
            if frame is None:
                case["outcome"] = "incomplete"
            else:
                kind, flags, request_id, body, used = frame
                case |= {"outcome": "frame", "kind": kind, "flags": flags, "request_id": request_id}
                case |= {"body": rendering.data(body), "used": used}
        self.cases.append(case)

    def lengths(self):
        for length in (0, 5, 6, LIMIT - 1, LIMIT, LIMIT + 1, 2**20, 2**24, 2**31 - 1, 2**31, 2**32 - 1):
            self.add(f"length {length}, nothing else", struct.pack(">I", length))
        for length in (LIMIT - 1, LIMIT):
            self.add(f"whole frame of length {length}", codec.encode_frame(PING, 1, bytes(length - 6)))
        self.add("length 65537, one byte more", struct.pack(">IB", LIMIT + 1, PING))
        for length in (1048575, 1048576, 1048577):
            self.add(f"length {length} under the greatest limit", struct.pack(">I", length), 1048576)
        for length in (1023, 1024, 1025):
            self.add(f"length {length} under a limit of 1024", struct.pack(">I", length), 1024)
        self.add("HTTP", b"GET / HTTP/1.1\r\n\r\n")
        self.add("a TLS record", bytes.fromhex("160301020001000100"))

    def cuts(self):
        frame = codec.encode_frame(PING, 7, codec.encode_raw_field(0x80, b"later"))
        for size in range(len(frame) + 1):
            self.add(f"{size} bytes of a frame of {len(frame)}", frame[:size])
        self.add("one frame and the first byte of the next", frame + b"\0")
        self.add("two frames", frame + codec.encode_frame(PING, 8, b""))

    def headers(self):
        self.add("empty body", codec.encode_frame(PING, 1, b""))
        self.add("greatest request id", codec.encode_frame(PING, 0xFFFFFFFF, b""))
        self.add("request id 0", codec.encode_frame(PING, 0, b""))
        self.add("flags 01", codec.encode_frame(PING, 1, b"", flags=1))
        self.add("kind 7f", codec.encode_frame(0x7F, 1, b""))
        self.add("kind ff", codec.encode_frame(0xFF, 1, b""))


def verdict(status, registry, request_id, **more):
    entry = registry.statuses[status]
    echoed = request_id if entry["request_id"] == "echoed" else 0
    return {"status": status} | more | {"request_id": echoed, "closes": entry["closes"]}


class RequestCases:
    """One frame, read by a server whose connection is in a given state."""

    def __init__(self, registry):
        self.registry = registry
        self.cases = []

    def add(self, name, state, frame, status, request_id=9, **more):
        assert all(case["name"] != name for case in self.cases), name
        case = {"name": name, "state": state, "frame": rendering.data(frame)}
        case["error"] = verdict(status, self.registry, request_id, **more)
        self.cases.append(case)

    def build(self):
        self.awaiting_hello()
        self.awaiting_auth()
        self.serving()
        return self.cases

    def frame(self, name, request_id=9, **changes):
        message = self.registry.messages[name, "request"]
        return codec.encode_message(message, request_id, samples.values(message) | changes)

    def awaiting_hello(self):
        state, hello = "awaiting_hello", self.frame("HELLO")
        padding = codec.encode_raw_field(0x80, bytes(1025 - (len(hello) - 4) - 3))
        too_long = codec.encode_frame(0x01, 9, hello[10:] + padding)
        too_long_with_id_0 = codec.encode_frame(0x01, 0, hello[10:] + padding)
        assert too_long[:4] == struct.pack(">I", 1025)
        other_versions = self.frame("HELLO", lowest_version=2, highest_version=3)
        with_flags = codec.encode_frame(0x01, 9, hello[10:], flags=1)
        self.add("PING first", state, PING_FRAME, "HELLO_EXPECTED")
        self.add("a response first", state, codec.encode_frame(0x81, 9, b""), "HELLO_EXPECTED")
        self.add("HELLO of length 1025", state, too_long, "HELLO_EXPECTED")
        self.add("the first five bytes of that HELLO", state, too_long[:5], "HELLO_EXPECTED")
        self.add("the first five bytes of a PING", state, PING_FRAME[:5], "HELLO_EXPECTED")
        self.add("PING with request id 0 first", state, codec.encode_frame(PING, 0, b""), "HELLO_EXPECTED", 0)
        self.add("HELLO of length 1025 with request id 0", state, too_long_with_id_0, "HELLO_EXPECTED", 0)
        self.add("HELLO of length 5", state, struct.pack(">IB", 5, 1), "FRAME_LENGTH")
        self.add("HELLO of length 65537", state, struct.pack(">IB", LIMIT + 1, 1), "FRAME_LENGTH")
        self.add("HELLO with request id 0", state, self.frame("HELLO", 0), "REQUEST_ID_ZERO", 0)
        self.add("HELLO with flags", state, with_flags, "HELLO_INVALID")
        self.add("HELLO with an empty body", state, codec.encode_frame(0x01, 9, b""), "HELLO_INVALID", field=0x01)
        self.add("HELLO of versions 2 to 3", state, other_versions, "VERSION_UNSUPPORTED")

    def awaiting_auth(self):
        state, auth = "awaiting_auth", self.frame("AUTH")
        with_flags = codec.encode_frame(0x02, 9, auth[10:], flags=1)
        self.add("PING where AUTH is owed", state, PING_FRAME, "AUTH_REQUIRED")
        self.add("unknown kind where AUTH is owed", state, codec.encode_frame(0x7E, 9, b""), "AUTH_REQUIRED")
        self.add("HELLO where AUTH is owed", state, self.frame("HELLO"), "HELLO_REPEATED")
        self.add("AUTH with flags where AUTH is owed", state, with_flags, "AUTH_FAILED")
        self.add("AUTH with a wrong signature", state, auth, "AUTH_FAILED")
        self.add("AUTH with an empty body", state, codec.encode_frame(0x02, 9, b""), "AUTH_FAILED", field=0x0D)
        self.add("AUTH with request id 0", state, self.frame("AUTH", 0), "REQUEST_ID_ZERO", 0)
        self.add("length 65537 where AUTH is owed", state, struct.pack(">I", LIMIT + 1), "FRAME_LENGTH")

    def serving(self):
        state = "serving"
        self.add("second HELLO", state, self.frame("HELLO"), "HELLO_REPEATED")
        self.add("AUTH where none is owed", state, self.frame("AUTH"), "AUTH_NOT_OWED")
        self.add("empty AUTH where none is owed", state, codec.encode_frame(0x02, 9, b""), "AUTH_NOT_OWED")
        for length in (0, 5, LIMIT + 1):
            self.add(f"length {length}", state, struct.pack(">I", length), "FRAME_LENGTH")
        self.add("PING with request id 0", state, codec.encode_frame(PING, 0, b""), "REQUEST_ID_ZERO", 0)
        self.add("unknown kind with request id 0", state, codec.encode_frame(0x7E, 0, b""), "REQUEST_ID_ZERO", 0)
        for flags in (0x01, 0x80, 0xFF):
            frame = codec.encode_frame(PING, 9, b"", flags=flags)
            self.add(f"PING with flags {flags:02x}", state, frame, "FLAGS_UNSUPPORTED")
        frame = codec.encode_frame(PING, 9, b"\x7f", flags=1)
        self.add("flags before a field fault", state, frame, "FLAGS_UNSUPPORTED")
        self.add("flags before the kind", state, codec.encode_frame(0x7E, 9, b"", flags=1), "FLAGS_UNSUPPORTED")
        for kind in (0x00, 0x13, 0x7E, 0x7F, 0x80, 0x83, 0xFE, 0xFF):
            self.add(f"kind {kind:02x}", state, codec.encode_frame(kind, 9, b""), "KIND_UNKNOWN")
        self.add("unknown kind with a bad body", state, codec.encode_frame(0x7E, 9, b"\xff"), "KIND_UNKNOWN")
        frame = codec.encode_frame(PING, 0xFFFFFFFF, b"\x7f\x00")
        self.add("PING with an unknown tag", state, frame, "FIELD_UNKNOWN", 0xFFFFFFFF, field=0x7F)


class StreamCases:
    """The first bytes of a connection, read by the server at once: what follows HELLO before it is answered."""

    def __init__(self, registry):
        self.registry = registry
        self.cases = []

    def add(self, name, frames, statuses, owes_authentication=False):
        """`statuses`: of the answers in order, None for success; those behind the last frame that is answered are left out."""
        answers = []
        for frame, status in zip(frames, statuses):
            request_id, answer = int.from_bytes(frame[6:10], "big"), {}
            if status:
                answer = verdict(status, self.registry, request_id)
            answers.append({"request_id": request_id} | answer)
        closes = any(answer.pop("closes", False) for answer in answers)
        case = {"name": name, "owes_authentication": owes_authentication, "bytes": rendering.data(b"".join(frames))}
        self.cases.append(case | {"answers": answers, "closes": closes})

    def build(self):
        self.behind_hello()
        self.order()
        self.refused_hello()
        return self.cases

    def hello(self, lowest, highest):
        message = self.registry.messages["HELLO", "request"]
        versions = {"lowest_version": lowest, "highest_version": highest}
        return codec.encode_message(message, 1, samples.values(message) | versions)

    @staticmethod
    def pings(count, length=6):
        padding = codec.encode_raw_field(0x80, bytes(length - 6 - 3)) if length > 6 else b""
        frames = [codec.encode_frame(PING, 2 + number, padding) for number in range(count)]
        assert all(len(frame) == 4 + length for frame in frames)
        return frames

    def behind_hello(self):
        hello, good, early = self.hello(1, 1), [None], ["PIPELINE_TOO_EARLY"]
        ping, beginning = self.pings(1), self.pings(1)[0][:5]
        self.add("HELLO alone", [hello], good)
        self.add("HELLO of versions 1 to 2 alone", [self.hello(1, 2)], good)
        self.add("16 requests behind HELLO", [hello, *self.pings(16)], 17 * good)
        self.add("17 requests behind HELLO", [hello, *self.pings(17)], 17 * good + early)
        self.add("length 16383 behind HELLO", [hello, *self.pings(1, 16383)], 2 * good)
        self.add("length 16384 behind HELLO", [hello, *self.pings(1, 16384)], 2 * good)
        self.add("length 16385 behind HELLO", [hello, *self.pings(1, 16385)], good + early)
        self.add("length 16385 behind a request", [hello, *ping, *self.pings(2, 16385)[1:]], 2 * good + early)
        self.add("the beginning of a request behind HELLO", [hello, beginning], good)
        self.add("HELLO of versions 1 to 2, and a request", [self.hello(1, 2), *ping], early)
        self.add("HELLO of versions 1 to 2, and one byte", [self.hello(1, 2), beginning[:1]], early)

    def order(self):
        """What is looked at first (section 9)."""
        hello, sixteen = self.hello(1, 1), self.pings(16)
        good, early = [None], ["PIPELINE_TOO_EARLY"]
        again, unknown = codec.encode_frame(0x01, 99, hello[10:]), codec.encode_frame(0x7E, 2, b"")
        with_flags = codec.encode_frame(PING, 2, b"", flags=1)
        ping = self.pings(2)[1]
        self.add("a second HELLO behind a request", [hello, *self.pings(1), again], 2 * good + ["HELLO_REPEATED"])
        self.add("a second HELLO as the 17th request", [hello, *sixteen, again], 17 * good + ["HELLO_REPEATED"])
        nameless = codec.encode_frame(PING, 0, b"")
        self.add("request id 0 as the 17th request", [hello, *sixteen, nameless], 17 * good + ["REQUEST_ID_ZERO"])
        self.add("an unknown kind as the 17th request", [hello, *sixteen, unknown], 17 * good + early)
        self.add("flags in the 17th request", [hello, *sixteen, with_flags], 17 * good + early)
        auth = codec.encode_frame(0x02, 99, b"")
        self.add("AUTH as the 17th request", [hello, *sixteen, auth], 17 * good + early)
        self.add("an unknown kind before a request", [hello, unknown, ping], good + ["KIND_UNKNOWN"] + good)
        self.add("flags before a request", [hello, with_flags, ping], good + ["FLAGS_UNSUPPORTED"] + good)

    def refused_hello(self):
        other, ping = self.hello(2, 2), self.pings(1)
        self.add("HELLO of version 2, and a request", [other, *ping], ["VERSION_UNSUPPORTED"])
        self.add("HELLO of versions 2 to 3, and a request", [self.hello(2, 3), *ping], ["PIPELINE_TOO_EARLY"])
        owed = [self.hello(1, 1), *ping]
        self.add("a request behind HELLO where AUTH is owed", owed, [None, "AUTH_REQUIRED"], owes_authentication=True)
        hello = self.hello(1, 1)
        # Section 8: 16 384 bytes until then, HELLO and the length fields included.
        for total, status in ((16383, "AUTH_REQUIRED"), (16384, "AUTH_REQUIRED"), (16385, "FRAME_LENGTH")):
            owed = [hello, *self.pings(1, total - len(hello) - 4)]
            assert sum(map(len, owed)) == total
            self.add(f"{total} bytes where AUTH is owed", owed, [None, status], owes_authentication=True)


def document(registry):
    scans = ScanCases()
    scans.lengths()
    scans.cuts()
    scans.headers()
    members = {"scans": scans.cases, "requests": RequestCases(registry).build(), "streams": StreamCases(registry).build()}
    return rendering.document(members)
