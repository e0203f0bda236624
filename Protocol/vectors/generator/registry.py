"""registry.json as Python objects: kinds, fields, messages, statuses, limits."""

import json
from dataclasses import dataclass
from pathlib import Path

PROTOCOL_FOLDER = Path(__file__).resolve().parent.parent.parent

FIXED_WIDTHS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "bool": 1}


@dataclass(frozen=True)
class Field:
    """One field of one message: the field's own rules with what the message changes."""

    tag: int
    name: str
    type: str
    minimum: int | None
    maximum: int | None
    item_minimum: int | None
    item_maximum: int | None
    control_characters: bool
    required: bool
    meaning: str

    @property
    def width(self):
        """Bytes of a fixed-width value; None for the other types."""
        return FIXED_WIDTHS.get(self.type)


@dataclass(frozen=True)
class Message:
    """The fields of one direction of one kind, in ascending tag order."""

    name: str
    direction: str
    kind: int
    fields: tuple
    exactly_one: tuple

    def field(self, name):
        return next(field for field in self.fields if field.name == name)

    def by_tag(self, tag):
        return next((field for field in self.fields if field.tag == tag), None)


class Registry:
    """The whole registry."""

    def __init__(self, path=PROTOCOL_FOLDER / "registry.json"):
        self.data = json.loads(path.read_text(encoding="utf-8"))
        self.fields = {entry["name"]: entry for entry in self.data["fields"]}
        self.limits = {entry["name"]: entry["default"] for entry in self.data["limits"]}
        self.statuses = {entry["name"]: entry for entry in self.data["statuses"]}
        self.kinds = {entry["name"]: entry for entry in self.data["kinds"]}
        self.messages = {}
        for entry in self.data["messages"]:
            for direction in ("request", "response"):
                if direction in entry:
                    self.messages[entry["kind"], direction] = self._message(entry, direction)

    def _message(self, entry, direction):
        fields = tuple(self._field(use) for use in entry[direction])
        tags = [field.tag for field in fields]
        assert tags == sorted(set(tags)), f"{entry['kind']} {direction}: fields are not in tag order"
        exactly_one = tuple(entry.get("exactly_one", ())) if direction == "request" else ()
        kind = int(self.kinds[entry["kind"]][direction], 16)
        return Message(entry["kind"], direction, kind, fields, exactly_one)

    def _field(self, use):
        entry = self.fields[use["field"]]
        return Field(
            tag=int(entry["tag"], 16),
            name=entry["name"],
            type=entry["type"],
            minimum=entry.get("min"),
            maximum=use.get("max", entry.get("max")),
            item_minimum=entry.get("item_min"),
            item_maximum=entry.get("item_max"),
            control_characters=entry.get("control_characters", True),
            required=use["required"],
            meaning=use.get("meaning", entry["meaning"]),
        )
