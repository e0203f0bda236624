"""Strict JSON (mintmark-v1.md, section 14)."""

import json


class NotStrict(Exception):
    pass


def _object(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise NotStrict("a member name twice")
    return dict(pairs)


def _constant(name):
    raise NotStrict(name)


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


def parse_object(data, depth_max):
    """The object as a dict; raises NotStrict."""
    try:
        text = data.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise NotStrict(str(error)) from None
    if not isinstance(value, dict):
        raise NotStrict("not an object")
    _check(value, 1, depth_max)
    return value
