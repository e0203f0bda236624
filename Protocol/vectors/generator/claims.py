"""claims.json: custom claims of SIGN and OPEN, and the verdict on them."""

from . import rendering
from .strict_json import DuplicateName, NotStrict, parse_object

RESERVED = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "sid", "scope")
DEPTH_MAX = 16


def judge(claims):
    """The status's name; None if the claims are good."""
    try:
        members = parse_object(claims, DEPTH_MAX)
    except DuplicateName:
        return "CLAIMS_DUPLICATE"
    except NotStrict:
        return "CLAIMS_INVALID"
    return "CLAIMS_RESERVED" if any(name in members for name in RESERVED) else None


GOOD = {
    "empty object": b"{}",
    "white space around": b" \t\r\n{ } \n",
    "every kind of value": b'{"a":1,"b":-2.5e3,"c":"x","d":true,"e":false,"f":null,"g":[],"h":{}}',
    "empty name": b'{"":1}',
    "escapes": b'{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\ud834\\udd1e"}',
    "UTF-8": '{"é":"€\U0001d11e\u007f"}'.encode(),
    "a reserved name in other letters": b'{"Sub":1,"SUB":2}',
    "a reserved name inside": b'{"user":{"sub":1,"iss":[{"exp":2}]}}',
    "one name in two objects": b'{"a":{"x":1},"b":{"x":2},"x":3}',
    "one name composed and decomposed": '{"é":1,"e\u0301":2}'.encode(),
    "depth 16, arrays": b'{"a":' + b"[" * 15 + b"]" * 15 + b"}",
    "depth 16, objects": b'{"a":' * 15 + b"{}" + b"}" * 15,
    "an integer above 2^64": b'{"a":18446744073709551616}',
    "a number of 128 characters": b'{"a":' + b"9" * 128 + b"}",
    "numbers at the limits": b'{"a":1e307,"b":9.99e307,"c":1e-307,"d":-1e-307,"e":0,"f":-0,"g":0.0e-999}',
}

INVALID = {
    "white space alone": b"  ",
    "an array": b"[]",
    "a string": b'"a"',
    "a number": b"12",
    "null": b"null",
    "unfinished": b'{"a":1',
    "a byte behind": b"{}a",
    "a NUL behind": b"{}\0",
    "two objects": b"{}{}",
    "byte order mark": b"\xef\xbb\xbf{}",
    "trailing comma": b'{"a":1,}',
    "leading comma": b'{,"a":1}',
    "comma missing": b'{"a":1"b":2}',
    "colon missing": b'{"a"1}',
    "value missing": b'{"a":}',
    "trailing comma in an array": b'{"a":[1,]}',
    "brackets crossed": b'{"a":[}]',
    "comment": b'{"a":1/*x*/}',
    "single quotes": b"{'a':1}",
    "name without quotes": b"{a:1}",
    "name a number": b"{1:1}",
    "True": b'{"a":True}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "leading zero": b'{"a":01}',
    "leading plus": b'{"a":+1}',
    "no digit before the point": b'{"a":.5}',
    "no digit behind the point": b'{"a":1.}',
    "no digit in the exponent": b'{"a":1e}',
    "minus alone": b'{"a":-}',
    "hexadecimal": b'{"a":0x1}',
    "a number of 129 characters": b'{"a":' + b"9" * 129 + b"}",
    "a number of 1e308": b'{"a":1e308}',
    "a number of 9e-308": b'{"a":9e-308}',
    "an exponent of many digits": b'{"a":1e99999999999999999999}',
    "unknown escape": b'{"a":"\\x41"}',
    "short escape": b'{"a":"\\u00e"}',
    "lone high surrogate": b'{"a":"\\ud834"}',
    "lone low surrogate": b'{"a":"\\udd1e"}',
    "surrogates swapped": b'{"a":"\\udd1e\\ud834"}',
    "lone surrogate in a name": b'{"\\ud834":1}',
    "surrogate in UTF-8": b'{"a":"\xed\xa0\xb4"}',
    "over-long UTF-8": b'{"a":"\xc0\xaf"}',
    "truncated UTF-8": b'{"a":"\xe2\x82"}',
    "above U+10FFFF": b'{"a":"\xf4\x90\x80\x80"}',
    "line feed in a string": b'{"a":"\n"}',
    "U+001F in a string": b'{"a":"\x1f"}',
    "form feed as white space": b"{\x0c}",
    "no-break space as white space": "{\u00a0}".encode(),
    "depth 17, arrays": b'{"a":' + b"[" * 16 + b"]" * 16 + b"}",
    "depth 17, objects": b'{"a":' * 16 + b"{}" + b"}" * 16,
}

DUPLICATE = {
    "name twice": b'{"a":1,"a":1}',
    "name twice, once escaped": b'{"a":1,"\\u0061":2}',
    "name twice, far apart": b'{"a":1,"b":2,"c":3,"a":4}',
    "name twice inside": b'{"x":{"a":1,"a":2}}',
    "name twice inside an array": b'{"x":[{},{"a":1,"a":2}]}',
    "empty name twice": b'{"":1,"":2}',
    "surrogate pair and UTF-8": '{"\\ud834\\udd1e":1,"\U0001d11e":2}'.encode(),
}


def rows():
    yield from ((name, claims, None) for name, claims in GOOD.items())
    yield from ((name, claims, "CLAIMS_INVALID") for name, claims in INVALID.items())
    yield from ((name, claims, "CLAIMS_DUPLICATE") for name, claims in DUPLICATE.items())
    for name in RESERVED:
        yield f"reserved name {name}", b'{"a":1,"' + name.encode() + b'":null}', "CLAIMS_RESERVED"
    yield "reserved name, escaped", b'{"\\u0073ub":"x"}', "CLAIMS_RESERVED"


def document():
    cases = []
    for name, claims, status in rows():
        assert judge(claims) == status, (name, judge(claims), status)
        assert all(case["name"] != name for case in cases), name
        cases.append({"name": name, "claims": rendering.data(claims)} | ({"status": status} if status else {}))
    return rendering.document({"cases": cases})
