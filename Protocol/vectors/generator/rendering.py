"""Vectors as JSON text: the conventions of vectors/README.md."""

import json
import re

from .codec import KEY_INSTANTS

LONG_RUN = re.compile(rb"(.)\1{63,}", re.DOTALL)


def data(value):
    """Bytes: a hex string, or parts where 64 or more equal bytes stand in a row."""
    parts, position = [], 0
    for run in LONG_RUN.finditer(value):
        if run.start() > position:
            parts.append(value[position : run.start()].hex())
        parts.append([run[1].hex(), len(run[0])])
        position = run.end()
    if not parts:
        return value.hex()
    if position < len(value):
        parts.append(value[position:].hex())
    return parts


def field_value(field, value):
    if field.type == "bytes":
        return data(value)
    if field.type == "u64":
        return str(value)
    if field.type == "list of counter":
        return [{"name": name, "value": str(count)} for name, count in value]
    if field.type == "list of key":
        return [key_value(key) for key in value]
    return value


def key_value(key):
    """A key with its numbers of 64 bits as text and its bytes as hex."""
    instants = {name: str(key[name]) for name in KEY_INSTANTS}
    return {"key_id": key["key_id"], "state": key["state"], "public_key": key["public_key"].hex(), **instants}


def fields(message, values):
    return {field.name: field_value(field, values[field.name]) for field in message.fields if field.name in values}


def compact(value):
    return json.dumps(value, ensure_ascii=False)


def document(members):
    """One line per member; a list member gets one line per item."""
    lines = []
    for name, value in members.items():
        if isinstance(value, list) and value:
            items = ",\n".join("    " + compact(item) for item in value)
            lines.append(f"  {compact(name)}: [\n{items}\n  ]")
        else:
            lines.append(f"  {compact(name)}: {compact(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
