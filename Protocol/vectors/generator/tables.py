"""The generated parts of mintmark-v1.md: tables from the registry and the worked examples."""

import re

from . import codec, samples

MARKED = re.compile(r"<!-- generated: (?P<name>[^>]+?) -->\n.*?<!-- end -->", re.DOTALL)


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def bound(value):
    return "" if value is None else value


def kinds_table(registry):
    rows = [(entry.get("request", ""), entry["response"], entry["name"]) for entry in registry.data["kinds"]]
    return table(("request", "answer", "name"), rows)


def fields_table(registry):
    rows = [
        (f["tag"], f["name"], f["type"], bound(f.get("min")), bound(f.get("max")), f["meaning"])
        for f in registry.data["fields"]
    ]
    return table(("tag", "name", "type", "minimum", "maximum", "meaning"), rows)


def statuses_table(registry):
    rows = [
        (s["number"], s["name"], s["kind"], "yes" if s["closes"] else "no", s["request_id"], s["meaning"], s["client"])
        for s in registry.data["statuses"]
    ]
    return table(("number", "name", "class", "closes", "request id", "meaning", "what the client does"), rows)


def limits_table(registry):
    rows = [(e["name"], e["default"], e["ceiling"], e["unit"], e["meaning"]) for e in registry.data["limits"]]
    return table(("name", "default", "ceiling", "unit", "meaning"), rows)


def message_table(registry, name, direction):
    message = registry.messages[name, direction]
    if not message.fields:
        return "No fields."
    rows = [
        (f"0x{field.tag:02X}", field.name, field.type, "yes" if field.required else "no", field.meaning)
        for field in message.fields
    ]
    return table(("tag", "field", "type", "required", "meaning"), rows)


def hexadecimal(data):
    """Pairs of hex digits; a long value shows its first and last four bytes."""
    if len(data) <= 16:
        return data.hex(" ")
    return f"{data[:4].hex(' ')} … {data[-4:].hex(' ')} ({len(data)} bytes)"


def shown(field, value):
    if field.type in ("text", "bool") or field.width is not None:
        return f"`{str(value).lower() if field.type == 'bool' else value}`"
    if field.type == "list of text":
        return ", ".join(f"`{item}`" for item in value)
    if len(value) > 16 and value.isascii() and value.decode("ascii").isprintable():
        return f"`{value[:16].decode('ascii')}…`"
    return ""


def example(registry, name, direction):
    """One frame as a table of offset, bytes and meaning, and the whole frame in hex."""
    message = registry.messages[name, direction]
    request_id, values = samples.EXAMPLES[name, direction]
    frame = codec.encode_message(message, request_id, values)
    rows = [
        (0, frame[0:4].hex(" "), f"length: {len(frame) - 4}"),
        (4, frame[4:5].hex(), f"kind: {name} {'request' if direction == 'request' else 'answer'}"),
        (5, frame[5:6].hex(), "flags"),
        (6, frame[6:10].hex(" "), f"request id: {request_id}"),
    ]
    position = 10
    for field in message.fields:
        if field.name not in values:
            continue
        value = codec.encode_value(field, values[field.name])
        length = codec.encode_length(len(value))
        rows.append((position, f"{field.tag:02x}", f"tag: {field.name}"))
        rows.append((position + 1, length.hex(" "), f"length: {len(value)}"))
        position += 1 + len(length)
        rows.append((position, hexadecimal(value), f"value {shown(field, values[field.name])}".rstrip()))
        position += len(value)
    assert position == len(frame)
    digits = frame.hex()
    lines = [digits[start : start + 96] for start in range(0, len(digits), 96)]
    whole = "\n".join(["```", *lines, "```"])
    return f"{table(('offset', 'bytes', 'meaning'), rows)}\n\nThe whole frame, {len(frame)} bytes:\n\n{whole}"


def render(registry, name):
    """The text between the markers of the part called `name`."""
    simple = {"kinds": kinds_table, "fields": fields_table, "statuses": statuses_table, "limits": limits_table}
    if name in simple:
        return simple[name](registry)
    word, kind, direction = name.split(" ")
    return {"message": message_table, "example": example}[word](registry, kind, direction)


def fill(registry, text):
    """Writes every generated part of a Markdown text anew."""

    def replace(match):
        name = match["name"]
        return f"<!-- generated: {name} -->\n{render(registry, name)}\n<!-- end -->"

    return MARKED.sub(replace, text)


def names(text):
    return [match["name"] for match in MARKED.finditer(text)]
