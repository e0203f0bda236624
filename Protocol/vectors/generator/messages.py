"""The vectors of one message: every rule of sections 4 and 5 applied to every field it applies to."""

from . import codec, rendering, samples
from .codec import encode_length, encode_value
from .limits import limit_cases, value_cases

# Requests whose every fault is answered with one status.
ANSWERED_AS = {"HELLO": "HELLO_INVALID", "AUTH": "AUTH_FAILED"}


def raw(tag, value, length=None):
    """One field; `length` replaces the encoded length."""
    return bytes([tag]) + (encode_length(len(value)) if length is None else length) + value


class MessageCases:
    """Collects the cases of one message and holds each against the codec."""

    def __init__(self, registry, message):
        self.registry = registry
        self.message = message
        self.values = samples.values(message)
        self.cases = []

    # Bodies

    def full(self, chosen=None):
        """Every field, but of fields that exclude one another only `chosen`, or the first."""
        group = self.message.exactly_one
        kept = chosen if chosen in group else next(iter(group), None)
        return {name: value for name, value in self.values.items() if name not in group or name == kept}

    def minimal(self):
        names = {field.name for field in self.message.fields if field.required} | set(self.message.exactly_one[:1])
        return {name: value for name, value in self.values.items() if name in names}

    def pieces(self, values):
        """The fields of a body as a list of (field, bytes of the value)."""
        return [(f, encode_value(f, values[f.name])) for f in self.message.fields if f.name in values]

    def body(self, values, changed=None, replacement=b""):
        """A body in which the whole bytes of the field `changed` are replaced."""
        return b"".join(
            replacement if field.name == changed else raw(field.tag, value) for field, value in self.pieces(values)
        )

    # Cases

    def good(self, name, body, request_id=1, decode_only=False):
        values, skipped = codec.decode_body(self.message, body)
        assert all(case["name"] != name for case in self.cases), name
        frame = codec.encode_frame(self.message.kind, request_id, body)
        case = {"name": name, "frame": rendering.data(frame), "request_id": request_id}
        case["fields"] = rendering.fields(self.message, values)
        if skipped:
            case["skipped"] = skipped
        if skipped or decode_only:
            case["decode_only"] = True
        else:
            assert codec.encode_body(self.message, values) == body, name
        self.cases.append(case)

    def bad(self, name, body, status, tag, request_id=1):
        try:
            codec.decode_body(self.message, body)
        except codec.Fault as fault:
            assert (fault.status, fault.tag) == (status, tag), (self.message.name, name, fault.args, status, tag)
        else:
            raise AssertionError(f"{self.message.name}: {name} is no fault")
        assert all(case["name"] != name for case in self.cases), name
        frame = codec.encode_frame(self.message.kind, request_id, body)
        error = {"status": status, "field": tag}
        if self.message.direction == "request" and self.message.name in ANSWERED_AS:
            error = {"status": ANSWERED_AS[self.message.name], "field": tag, "fault": status}
        self.cases.append({"name": name, "frame": rendering.data(frame), "request_id": request_id, "error": error})

    # Groups of cases

    def build(self):
        self.valid()
        self.skippable()
        self.unknown()
        self.truncated()
        self.length_forms()
        self.order()
        self.left_over()
        for field in self.message.fields:
            limit_cases(self, field)
            value_cases(self, field)
        self.missing()
        self.conflicts()
        self.precedence()
        return self.cases

    def valid(self):
        self.good("minimal", self.body(self.minimal()))
        if self.full() != self.minimal():
            self.good("full", self.body(self.full()), request_id=0xFFFFFFFF)
        for name in self.message.exactly_one[1:]:
            self.good(f"with {name}", self.body(self.full(name)))
        for field in self.message.fields:
            if not field.required and field.name not in self.message.exactly_one:
                values = dict(self.minimal(), **{field.name: self.values[field.name]})
                if values != self.full():
                    self.good(f"minimal with {field.name}", self.body(values))
        if (self.message.name, self.message.direction) in samples.EXAMPLES:
            request_id, values = samples.EXAMPLES[self.message.name, self.message.direction]
            self.good("worked example", self.body(values), request_id)
        if self.message.name == "ERROR":
            self.good("id 0", self.body(self.minimal()), request_id=0)

    def skippable(self):
        base = self.body(self.full())
        self.good("skippable tag 0x80, empty", base + raw(0x80, b""))
        self.good("skippable tag 0xFF with bytes", base + raw(0xFF, b"later"))
        self.good("two skippable tags", base + raw(0x80, b"\x01") + raw(0x81, b"\x02"))
        for size in (127, 128, 16383, 16384):
            self.good(f"skippable tag of {size} bytes", base + raw(0x80, b"a" * size))
        self.bad("skippable tag twice", base + raw(0x90, b"") * 2, "FIELD_DUPLICATE", 0x90)
        self.bad("skippable tags in wrong order", base + raw(0x91, b"") + raw(0x90, b""), "FIELD_ORDER", 0x90)
        self.bad("skippable tag truncated", base + raw(0x80, b"ab")[:-1], "FIELD_TRUNCATED", 0x80)
        self.bad("skippable tag without length", base + b"\x80", "FIELD_TRUNCATED", 0x80)
        self.bad("skippable tag with over-long length", base + raw(0x80, b"a", b"\x81\x00"), "FIELD_LENGTH_FORM", 0x80)

    def unknown(self):
        own = {field.tag for field in self.message.fields}
        base = self.body(self.full())
        self.bad("unknown tag 0x00 in front", raw(0x00, b"") + base, "FIELD_UNKNOWN", 0x00)
        self.bad("unknown tag 0x7F at the end", base + raw(0x7F, b"a"), "FIELD_UNKNOWN", 0x7F)
        self.bad("unknown tag 0x7F without length", base + b"\x7f", "FIELD_UNKNOWN", 0x7F)
        foreign = [int(entry["tag"], 16) for entry in self.registry.data["fields"]]
        tag = next(tag for tag in foreign if tag not in own)
        pieces = sorted([(f.tag, value) for f, value in self.pieces(self.full())] + [(tag, b"\x00")])
        body = b"".join(raw(*piece) for piece in pieces)
        self.bad(f"tag 0x{tag:02X} of another message", body, "FIELD_UNKNOWN", tag)

    def truncated(self):
        for field in self.message.fields:
            pieces = self.pieces(self.full(field.name))
            index = [piece[0] for piece in pieces].index(field)
            before = b"".join(raw(f.tag, value) for f, value in pieces[:index])
            value = pieces[index][1]
            length = encode_length(len(value))
            name = f"truncated in {field.name}"
            self.bad(f"{name}: no length", before + bytes([field.tag]), "FIELD_TRUNCATED", field.tag)
            if len(length) > 1:
                cut = before + bytes([field.tag]) + length[:1]
                self.bad(f"{name}: half a length", cut, "FIELD_TRUNCATED", field.tag)
            if value:
                cut = before + bytes([field.tag]) + length
                self.bad(f"{name}: no value", cut, "FIELD_TRUNCATED", field.tag)
                self.bad(f"{name}: last byte", cut + value[:-1], "FIELD_TRUNCATED", field.tag)

    def length_forms(self):
        for field in self.message.fields:
            values = self.full(field.name)
            value = encode_value(field, values[field.name])
            form = bytearray(encode_length(len(value)))
            form[-1] |= 0x80
            over_long = self.body(values, field.name, raw(field.tag, value, bytes(form) + b"\x00"))
            self.bad(f"over-long length of {field.name}", over_long, "FIELD_LENGTH_FORM", field.tag)
        for field in self.message.fields[:1]:
            values = self.full(field.name)
            value = encode_value(field, values[field.name])
            for form in ("80808000", "80808001", "ffffffff0f", "ff8000"):
                body = self.body(values, field.name, raw(field.tag, value, bytes.fromhex(form)))
                self.bad(f"length {form} of {field.name}", body, "FIELD_LENGTH_FORM", field.tag)
            body = self.body(values, field.name, raw(field.tag, value, b"\xff\xff\x7f"))
            self.bad(f"length ffff7f of {field.name}", body, "FIELD_TRUNCATED", field.tag)

    def order(self):
        for field in self.message.fields:
            values = self.full(field.name)
            twice = raw(field.tag, encode_value(field, values[field.name])) * 2
            self.bad(f"{field.name} twice", self.body(values, field.name, twice), "FIELD_DUPLICATE", field.tag)
        pieces = self.pieces(self.values)
        for index in range(len(pieces) - 1):
            swapped = pieces[:index] + [pieces[index + 1], pieces[index]] + pieces[index + 2 :]
            body = b"".join(raw(field.tag, value) for field, value in swapped)
            field, other = pieces[index][0], pieces[index + 1][0]
            self.bad(f"{other.name} before {field.name}", body, "FIELD_ORDER", field.tag)
        if len(pieces) > 2:
            body = b"".join(raw(field.tag, value) for field, value in pieces[1:] + pieces[:1])
            self.bad(f"{pieces[0][0].name} last", body, "FIELD_ORDER", pieces[0][0].tag)

    def left_over(self):
        base = self.body(self.full())
        status = "FIELD_ORDER" if base else "FIELD_UNKNOWN"
        self.bad("left over: one byte 00", base + b"\x00", status, 0x00)
        self.bad("left over: one byte ff", base + b"\xff", "FIELD_TRUNCATED", 0xFF)
        if base:
            last = self.pieces(self.full())[-1][0]
            self.bad("left over: the last tag again", base + bytes([last.tag]), "FIELD_DUPLICATE", last.tag)

    def missing(self):
        required = [field for field in self.message.fields if field.required]
        for field in required:
            values = {name: value for name, value in self.full().items() if name != field.name}
            self.bad(f"without {field.name}", self.body(values), "FIELD_MISSING", field.tag)
        if len(required) > 1:
            self.bad("empty body", b"", "FIELD_MISSING", required[0].tag)

    def conflicts(self):
        group = self.message.exactly_one
        if not group:
            return
        tag = self.message.field(group[0]).tag
        none = {name: value for name, value in self.full().items() if name not in group}
        self.bad(f"none of {', '.join(group)}", self.body(none), "FIELD_CONFLICT", tag)
        for index, name in enumerate(group):
            for other in group[index + 1 :]:
                both = {n: v for n, v in self.values.items() if n not in group or n in (name, other)}
                self.bad(f"{name} and {other}", self.body(both), "FIELD_CONFLICT", tag)
        if len(group) > 2:
            self.bad("all excluding fields", self.body(self.values), "FIELD_CONFLICT", tag)

    def precedence(self):
        required = [field for field in self.message.fields if field.required]
        if required:
            self.bad("a field fault before a missing field", raw(0x7F, b""), "FIELD_UNKNOWN", 0x7F)
        pieces = self.pieces(self.full())
        if len(pieces) > 1:
            (first, value), (last, last_value) = pieces[0], pieces[-1]
            body = raw(first.tag, value, b"\x80\x80\x80") + raw(last.tag, last_value, b"\xff\x00")
            self.bad("two faults: the first counts", body, "FIELD_LENGTH_FORM", first.tag)
        if required and self.message.exactly_one:
            values = {n: v for n, v in self.values.items() if n in self.message.exactly_one}
            self.bad("a missing field before a conflict", self.body(values), "FIELD_MISSING", required[0].tag)
        if (self.message.name, self.message.direction) == ("HELLO", "request"):
            self.version_ranges()
        if (self.message.name, self.message.direction) == ("VERIFY", "request"):
            self.any_audience()

    def version_ranges(self):
        for low, high in ((0, 65535), (2, 2), (65535, 65535)):
            body = self.body(dict(self.values, lowest_version=low, highest_version=high))
            self.good(f"versions {low} to {high}", body)
        for low, high in ((2, 1), (65535, 0)):
            body = self.body(dict(self.values, lowest_version=low, highest_version=high))
            self.bad(f"versions {low} to {high}", body, "FIELD_CONFLICT", 0x02)

    def any_audience(self):
        body = self.body(dict(self.values, any_audience=False))
        self.good("expected_audience, and any_audience false", body, decode_only=True)
        body = self.body(dict(self.full("any_audience"), any_audience=False))
        self.bad("any_audience false alone", body, "FIELD_CONFLICT", 0x15)


def document(registry, name):
    """The file of one kind."""
    members = {"message": name}
    for direction, member in (("request", "requests"), ("response", "answers")):
        if (name, direction) in registry.messages:
            members[member] = MessageCases(registry, registry.messages[name, direction]).build()
    return rendering.document(members)
