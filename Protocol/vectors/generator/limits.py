"""Cases about one field's value: its limits at −1, 0 and +1, its width, and values its type forbids."""

from .codec import KEY_STATE_OFFSET, encode_raw_field, encode_value

NOT_UTF8 = {
    "a lone continuation byte": b"a\x80",
    "a truncated sequence": b"a\xe2\x82",
    "an over-long form": b"\xc0\xafa",
    "a surrogate": b"a\xed\xa0\x80",
    "above U+10FFFF": b"\xf4\x90\x80\x80",
}
BAD_SCOPES = {
    "a leading space": b" read",
    "a trailing space": b"read ",
    "two spaces": b"read  write",
    "a tab": b"read\twrite",
    "a quote": b'read"',
    "a backslash": b"read\\",
    "a letter outside ASCII": "lés".encode(),
    "DEL": b"read\x7f",
}
GOOD_SCOPES = ("!", "a b c", "#[]~ https://example.com/read:all")


def _replaced(cases, field, value):
    values = cases.full(field.name)
    return cases.body(values, field.name, encode_raw_field(field.tag, value))


def _try(cases, field, name, value, good, status="FIELD_SIZE", decode_only=False):
    body = _replaced(cases, field, value)
    if good:
        cases.good(name, body, decode_only=decode_only)
    else:
        cases.bad(name, body, status, field.tag)


def _filler(field, size):
    """A value of `size` bytes that is good but for its size."""
    if field.name == "magic":
        return b"MINTMARKMINTMARK"[:size]
    if field.name == "claims" and size >= 8:
        return b'{"a":"' + b"a" * (size - 8) + b'"}'
    if field.name == "claims" and size >= 2:
        return b"{" + b" " * (size - 2) + b"}"
    return b"a" * size


def limit_cases(cases, field):
    """Limits of sizes, counts and numbers at −1, 0 and +1; wrong widths."""
    if field.width is not None:
        _width_cases(cases, field)
        if field.type != "bool":
            _number_cases(cases, field)
    elif field.type == "list of text":
        _list_limit_cases(cases, field)
        if field.item_minimum is not None:
            _list_order_cases(cases, field)
    elif field.type not in ("list of counter", "list of key"):
        _size_cases(cases, field)


def _size_cases(cases, field):
    used = {len(encode_value(field, cases.values[field.name]))}
    bounds = [bound for bound in (field.minimum, field.maximum) if bound is not None]
    sizes = {bound + step for bound in bounds for step in (-1, 0, 1)} | ({0} if not bounds else set())
    for size in sorted(size for size in sizes if size >= 0):
        below = field.minimum is not None and size < field.minimum
        above = field.maximum is not None and size > field.maximum
        if size in used and not (below or above) and field.minimum == field.maximum:
            continue
        _try(cases, field, f"{field.name} of {size} bytes", _filler(field, size), not (below or above))


def _width_cases(cases, field):
    for width in sorted({0, field.width - 1, field.width + 1, 8 if field.width < 8 else 4}):
        if width != field.width:
            _try(cases, field, f"{field.name} in {width} bytes", (b"\x01" if width else b"").rjust(width, b"\0"), False)


def _number_cases(cases, field):
    if field.name in ("lowest_version", "highest_version") and cases.message.direction == "request":
        return
    greatest = 2 ** (8 * field.width) - 1
    low = field.minimum or 0
    high = greatest if field.maximum is None else field.maximum
    numbers = {low - 1, low, low + 1, high - 1, high, high + 1, greatest}
    for number in sorted(number for number in numbers if 0 <= number <= greatest):
        good = low <= number <= high
        _try(cases, field, f"{field.name} {number}", number.to_bytes(field.width, "big"), good, "FIELD_VALUE")


def _item(value):
    return len(value).to_bytes(2, "big") + value


def _list_limit_cases(cases, field):
    if field.maximum is not None:
        for count in (field.minimum - 1, field.minimum, field.minimum + 1):
            value = b"".join(_item(b"a%d" % index) for index in range(count))
            _try(cases, field, f"{field.name} of {count} items", value, count >= field.minimum)
        for count in (field.maximum - 1, field.maximum, field.maximum + 1):
            value = b"".join(_item(b"a%d" % index) for index in range(count))
            _try(cases, field, f"{field.name} of {count} items", value, count <= field.maximum)
    else:
        _try(cases, field, f"{field.name} of 0 items", b"", True)
        _try(cases, field, f"{field.name} of 2 items", _item(b"storage") + _item(b"keys"), True)
    if field.item_minimum is not None:
        lengths = {bound + step for bound in (field.item_minimum, field.item_maximum) for step in (-1, 0, 1)}
        for size in sorted(lengths):
            good = field.item_minimum <= size <= field.item_maximum
            _try(cases, field, f"{field.name} with an item of {size} bytes", _item(b"api") + _item(b"a" * size), good)


def _list_order_cases(cases, field):
    """Two faults in one list: which one counts (section 5)."""
    name, good, high = field.name, _item(b"api"), field.item_maximum
    full = b"".join(_item(b"a%d" % index) for index in range(field.maximum))
    too_long = _item(b"a" * (high + 1))
    sizes = {
        f"an item of {high + 1} bytes that is not UTF-8": good + _item(b"\xff" * (high + 1)),
        "an empty item before a cut-off one": good + _item(b"") + b"\x00",
        f"an item of {high + 1} bytes before one that is not UTF-8": too_long + _item(b"\xff"),
        "one item too many before a cut-off one": full + good + b"\x00",
        "one item too many before one that is not UTF-8": full + good + _item(b"\xff"),
        "one item too many, and empty": full + _item(b""),
    }
    values = {
        f"an item of {high + 1} bytes, cut off": good + too_long[:-1],
        f"an item of {high + 1} bytes, and only its length": good + too_long[:2],
        "an item that is not UTF-8 before an empty one": _item(b"\xff") + _item(b""),
        "one item too many, cut off": full + good[:-1],
        "one item too many, and only half its length": full + b"\x00",
        "one item too many, not UTF-8": full + _item(b"\xff"),
    }
    for fault, value in sizes.items():
        _try(cases, field, f"{name}: {fault}", value, False)
    for fault, value in values.items():
        _try(cases, field, f"{name}: {fault}", value, False, "FIELD_VALUE")


def value_cases(cases, field):
    """Values that the type or the field forbids, and some that look odd and are good."""
    if field.type == "bool":
        _bool_cases(cases, field)
    elif field.type == "text":
        _text_cases(cases, field)
    elif field.type == "list of text":
        _text_list_cases(cases, field)
    elif field.type == "list of counter":
        _counter_cases(cases, field)
    elif field.type == "list of key":
        _key_cases(cases, field)
    elif field.name == "magic":
        _try(cases, field, "magic in small letters", b"mintmark", False, "FIELD_VALUE")


def _bool_cases(cases, field):
    for byte in (0x02, 0xFF):
        _try(cases, field, f"{field.name} {byte:02x}", bytes([byte]), False, "FIELD_VALUE")
    if field.name == "all":
        _try(cases, field, "all 00", b"\x00", False, "FIELD_VALUE")
    elif field.name not in cases.message.exactly_one:
        other = not cases.values[field.name]
        optional = not field.required
        _try(cases, field, f"{field.name} {int(other):02x}", bytes([other]), True, decode_only=optional and not other)


def _text_cases(cases, field):
    for name, value in NOT_UTF8.items():
        _try(cases, field, f"{field.name} with {name}", value, False, "FIELD_VALUE")
    if field.name == "scope":
        for name, value in BAD_SCOPES.items():
            _try(cases, field, f"scope with {name}", value, False, "FIELD_VALUE")
        for value in GOOD_SCOPES:
            _try(cases, field, f"scope {value}", value.encode(), True)
        return
    _try(cases, field, f"{field.name} outside ASCII", "a\u00e9\u20ac\U0001d11e".encode(), True)
    if not field.control_characters:
        for character in ("\0", "\n", "\x1f", "\x7f"):
            name = f"{field.name} with U+{ord(character):04X}"
            _try(cases, field, name, b"a" + character.encode(), False, "FIELD_VALUE")
        _try(cases, field, f"{field.name} with U+0020 and U+0080", "a \u0080".encode(), True)


def _text_list_cases(cases, field):
    good = _item(b"api")
    rows = {
        "ending inside an item's length": good + b"\x00",
        "ending inside an item": good + b"\x00\x05file",
        "whose item is not UTF-8": good + _item(b"a\xff"),
    }
    if not field.control_characters:
        rows["whose item has U+0000"] = good + _item(b"a\0")
        rows["whose item has U+007F"] = good + _item(b"a\x7f")
    for name, value in rows.items():
        _try(cases, field, f"{field.name} {name}", value, False, "FIELD_VALUE")
    _try(cases, field, f"{field.name} outside ASCII", _item("é".encode()), True)


def _counter_cases(cases, field):
    good = _item(bytes(8) + b"a")
    rows = {
        "ending inside an item's length": good + b"\x00",
        "ending inside an item": good + b"\x00\x0a" + bytes(8) + b"a",
        "of 7 bytes": _item(bytes(7)),
        "without a name": _item(bytes(8)),
        "whose name is not ASCII": _item(bytes(8) + "é".encode()),
    }
    for name, value in rows.items():
        _try(cases, field, f"{field.name}: a counter {name}", value, False, "FIELD_VALUE")
    _try(cases, field, "no counters", b"", True)
    _try(cases, field, "counter with a name of one character", good, True)


def _key_cases(cases, field):
    def key(state=2, key_id=b"k"):
        return bytes(KEY_STATE_OFFSET) + bytes([state]) + bytes(range(32)) + key_id

    good = _item(key())
    rows = {
        "ending inside an item's length": good + b"\x00",
        "ending inside an item": good + _item(key())[:-1],
        "without an id": _item(key(key_id=b"")),
        "in state 0": _item(key(0)),
        "in state 5": _item(key(5)),
        "with an id of 65 bytes": _item(key(key_id=b"k" * 65)),
        "whose id is not UTF-8": _item(key(key_id=b"k\xff")),
        "whose id has U+0000": _item(key(key_id=b"k\0")),
    }
    for name, value in rows.items():
        _try(cases, field, f"{field.name}: a key {name}", value, False, "FIELD_VALUE")
    _try(cases, field, "no keys", b"", True)
    _try(cases, field, "keys in every state, ids of 1, 63 and 64 bytes", b"".join(
        _item(key(state, b"k" * size)) for state, size in ((1, 1), (2, 63), (3, 64), (4, 1))
    ), True)
