"""The codec of mintmark/1: fields, bodies and frames (mintmark-v1.md, sections 3 to 5).

Values in Python: numbers are int, bool is bool, text is str, bytes are bytes,
a list of text is a list of str, a list of counter is a list of (name, value),
a list of key is a list of dicts with KEY_INSTANTS, state, public_key and key_id.
"""

import re
import struct

NUMBER_FORMATS = {"u8": ">B", "u16": ">H", "u32": ">I", "u64": ">Q"}
SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*\Z")
MAGIC = b"MINTMARK"
KEY_INSTANTS = ("prepared_at", "usable_at", "activated_at", "retired_at", "ended_at")
KEY_STATES = range(1, 5)
KEY_INSTANTS_FORMAT = f">{len(KEY_INSTANTS)}Q"
KEY_STATE_OFFSET = struct.calcsize(KEY_INSTANTS_FORMAT)
KEY_FIXED_BYTES = KEY_STATE_OFFSET + 1 + 32
FIRST_SKIPPABLE_TAG = 0x80


class Fault(Exception):
    """What is wrong with a frame: a status name and, where there is one, the tag of the field at fault."""

    def __init__(self, status, tag=None):
        super().__init__(status, tag)
        self.status = status
        self.tag = tag


# Writing


def encode_length(length):
    """LEB128 in its shortest form."""
    encoded = bytearray()
    while length >= 0x80:
        encoded.append(length & 0x7F | 0x80)
        length >>= 7
    encoded.append(length)
    return bytes(encoded)


def encode_item(item):
    return struct.pack(">H", len(item)) + item


def encode_value(field, value):
    if field.type in NUMBER_FORMATS:
        return struct.pack(NUMBER_FORMATS[field.type], value)
    if field.type == "bool":
        return b"\x01" if value else b"\x00"
    if field.type == "text":
        return value.encode("utf-8")
    if field.type == "bytes":
        return value
    if field.type == "list of text":
        return b"".join(encode_item(item.encode("utf-8")) for item in value)
    if field.type == "list of counter":
        return b"".join(encode_item(struct.pack(">Q", count) + name.encode("ascii")) for name, count in value)
    if field.type == "list of key":
        return b"".join(encode_item(encode_key(key)) for key in value)
    raise ValueError(field.type)


def encode_key(key):
    instants = struct.pack(KEY_INSTANTS_FORMAT, *(key[name] for name in KEY_INSTANTS))
    return instants + bytes([key["state"]]) + key["public_key"] + key["key_id"].encode("utf-8")


def encode_raw_field(tag, value):
    return bytes([tag]) + encode_length(len(value)) + value


def encode_body(message, values):
    return b"".join(
        encode_raw_field(field.tag, encode_value(field, values[field.name]))
        for field in message.fields
        if field.name in values
    )


def encode_frame(kind, request_id, body, flags=0):
    return struct.pack(">IBBI", 6 + len(body), kind, flags, request_id) + body


def encode_message(message, request_id, values):
    return encode_frame(message.kind, request_id, encode_body(message, values))


# Reading


def decode_length(body, position, tag):
    """Reads a field's LEB128 length; returns it and the position behind it."""
    length = 0
    for index in range(3):
        if position == len(body):
            raise Fault("FIELD_TRUNCATED", tag)
        byte = body[position]
        position += 1
        length |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if byte == 0 and index > 0:
                raise Fault("FIELD_LENGTH_FORM", tag)
            return length, position
    raise Fault("FIELD_LENGTH_FORM", tag)


def decode_text(field, value):
    if not field.control_characters:
        return decode_name(field, value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("FIELD_VALUE", field.tag) from None


def decode_items(field, value):
    position = 0
    while position < len(value):
        if len(value) - position < 2:
            raise Fault("FIELD_VALUE", field.tag)
        (length,) = struct.unpack_from(">H", value, position)
        position += 2
        if len(value) - position < length:
            raise Fault("FIELD_VALUE", field.tag)
        yield value[position : position + length]
        position += length


def decode_text_list(field, value):
    texts = []
    for item in decode_items(field, value):
        if field.item_minimum is not None and not field.item_minimum <= len(item) <= field.item_maximum:
            raise Fault("FIELD_SIZE", field.tag)
        texts.append(decode_text(field, item))
        if field.maximum is not None and len(texts) > field.maximum:
            raise Fault("FIELD_SIZE", field.tag)
    if len(texts) < field.minimum:
        raise Fault("FIELD_SIZE", field.tag)
    return texts


def decode_counters(field, value):
    counters = []
    for item in decode_items(field, value):
        if len(item) < 9 or not item[8:].isascii():
            raise Fault("FIELD_VALUE", field.tag)
        counters.append((item[8:].decode("ascii"), int.from_bytes(item[:8], "big")))
    return counters


def decode_keys(field, value):
    keys = []
    for item in decode_items(field, value):
        fixed, key_id = item[:KEY_FIXED_BYTES], item[KEY_FIXED_BYTES:]
        if not 1 <= len(key_id) <= 64 or fixed[KEY_STATE_OFFSET] not in KEY_STATES:
            raise Fault("FIELD_VALUE", field.tag)
        key = dict(zip(KEY_INSTANTS, struct.unpack(KEY_INSTANTS_FORMAT, fixed[:KEY_STATE_OFFSET])))
        key.update(
            state=fixed[KEY_STATE_OFFSET],
            public_key=fixed[KEY_STATE_OFFSET + 1:],
            key_id=decode_name(field, key_id),
        )
        keys.append(key)
    return keys


def decode_name(field, value):
    """Text without control characters, whatever the field says of them."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("FIELD_VALUE", field.tag) from None
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
        raise Fault("FIELD_VALUE", field.tag)
    return text


def check_size(field, size):
    if field.minimum is not None and size < field.minimum or field.maximum is not None and size > field.maximum:
        raise Fault("FIELD_SIZE", field.tag)


def decode_number(field, value):
    number = int.from_bytes(value, "big")
    if field.type == "bool":
        if number > 1 or field.name == "all" and number == 0:
            raise Fault("FIELD_VALUE", field.tag)
        return number == 1
    if field.minimum is not None and number < field.minimum or field.maximum is not None and number > field.maximum:
        raise Fault("FIELD_VALUE", field.tag)
    return number


def decode_value(field, value):
    if field.width is not None:
        if len(value) != field.width:
            raise Fault("FIELD_SIZE", field.tag)
        return decode_number(field, value)
    if field.type == "list of text":
        return decode_text_list(field, value)
    if field.type == "list of counter":
        return decode_counters(field, value)
    if field.type == "list of key":
        return decode_keys(field, value)
    check_size(field, len(value))
    if field.type == "bytes":
        if field.name == "magic" and value != MAGIC:
            raise Fault("FIELD_VALUE", field.tag)
        return value
    text = decode_text(field, value)
    if field.name == "scope" and not SCOPE.match(text):
        raise Fault("FIELD_VALUE", field.tag)
    return text


def decode_body(message, body):
    """Returns the values by field name and the list of skipped tags. Raises the first fault."""
    values, skipped, position, previous = {}, [], 0, -1
    while position < len(body):
        tag = body[position]
        if tag == previous:
            raise Fault("FIELD_DUPLICATE", tag)
        if tag < previous:
            raise Fault("FIELD_ORDER", tag)
        previous = tag
        field = message.by_tag(tag)
        if field is None and tag < FIRST_SKIPPABLE_TAG:
            raise Fault("FIELD_UNKNOWN", tag)
        length, position = decode_length(body, position + 1, tag)
        if len(body) - position < length:
            raise Fault("FIELD_TRUNCATED", tag)
        if field is None:
            skipped.append(tag)
        else:
            values[field.name] = decode_value(field, body[position : position + length])
        position += length
    check_presence(message, values)
    return values, skipped


def check_presence(message, values):
    for field in message.fields:
        if field.required and field.name not in values:
            raise Fault("FIELD_MISSING", field.tag)
    if message.exactly_one:
        present = [name for name in message.exactly_one if values.get(name, False) is not False]
        if len(present) != 1:
            raise Fault("FIELD_CONFLICT", message.field(message.exactly_one[0]).tag)
    if (message.name, message.direction) == ("HELLO", "request"):
        if values["lowest_version"] > values["highest_version"]:
            raise Fault("FIELD_CONFLICT", message.field("lowest_version").tag)


# Frames


def scan_frame(data, frame_length_max):
    """Returns None (incomplete), or (kind, flags, request id, body, bytes used). Raises FRAME_LENGTH."""
    if len(data) < 4:
        return None
    (length,) = struct.unpack_from(">I", data)
    if not 6 <= length <= frame_length_max:
        raise Fault("FRAME_LENGTH")
    if len(data) < 4 + length:
        return None
    kind, flags, request_id = struct.unpack_from(">BBI", data, 4)
    return kind, flags, request_id, data[10 : 4 + length], 4 + length
