"""Strict JSON (mintmark-v1.md, section 14)."""

import json
from decimal import Decimal

NUMBER_LENGTH_MAX = 128
NUMBER_MAGNITUDE_MAX = 307


class NotStrict(Exception):
    pass


class DuplicateName(NotStrict):
    pass


def _object(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise DuplicateName()
    return dict(pairs)


def _constant(name):
    raise NotStrict(name)


def _in_range(text):
    """Holds a number against its limits; Decimal cannot hold every exponent, so that is looked at alone first."""
    mantissa, _, exponent = text.lower().partition("e")
    digits = Decimal(mantissa)
    if len(text) > NUMBER_LENGTH_MAX:
        raise NotStrict("a long number")
    if digits and abs(digits.adjusted() + int(exponent or 0)) > NUMBER_MAGNITUDE_MAX:
        raise NotStrict("a number out of range")
    return text


def _integer(text):
    return int(_in_range(text))


def _number(text):
    return float(_in_range(text))


def _check(value, depth, depth_max):
    if isinstance(value, (dict, list)) and depth > depth_max:
        raise NotStrict("too deep")
    if isinstance(value, dict):
        for name, member in value.items():
            _check(name, depth, depth_max)
            _check(member, depth + 1, depth_max)
    elif isinstance(value, list):
        for member in value:
            _check(member, depth + 1, depth_max)
    elif isinstance(value, str) and any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise NotStrict("a lone surrogate")


_HOOKS = {
    "object_pairs_hook": _object,
    "parse_constant": _constant,
    "parse_int": _integer,
    "parse_float": _number,
}


def parse_object(data, depth_max):
    """The object as a dict; raises NotStrict."""
    try:
        text = data.decode("utf-8")
        value = json.loads(text, **_HOOKS)
    except (ValueError, RecursionError) as error:
        raise NotStrict(str(error)) from None
    if not isinstance(value, dict):
        raise NotStrict("not an object")
    _check(value, 1, depth_max)
    return value
