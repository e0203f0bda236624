"""access-tokens.json: JWTs under a published key, good ones and one or more for each refusal without server state."""

from . import ed25519, jwt, rendering, samples, verify
from .jwt import HEADER, base64url, compact_json, sign
from .samples import NOW, access_claims

RETIRED_SEED = bytes(range(0x70, 0x90))
REVOKED_SEED = bytes(range(0x90, 0xB0))
LEEWAY = 30
SETTINGS = {"issuer": samples.ISSUER, "type": "at+jwt", "now": NOW, "leeway": LEEWAY}


def key_entry(seed, state):
    public = ed25519.public_key(seed)
    return {"kid": jwt.thumbprint(public), "state": state, "seed": seed.hex(), "public_key": public.hex()}


KEYS = [
    key_entry(jwt.TEST_SEED, "active"),
    key_entry(RETIRED_SEED, "retired"),
    key_entry(REVOKED_SEED, "revoked"),
]
ANY = object()


class Cases:
    def __init__(self):
        self.cases = []

    def add(self, name, token, reason=None, audience="api", **settings):
        """`settings` may change `leeway` and `now` for this case."""
        token = token if isinstance(token, bytes) else token.encode()
        case = {"name": name, "token": token.decode("utf-8")}
        case |= {"any_audience": True} if audience is ANY else {"expected_audience": audience}
        case |= settings
        try:
            claims = verify.verify(token, SETTINGS | settings, KEYS, None if audience is ANY else audience)
        except verify.Refused as refused:
            assert refused.args[0] == reason, (name, refused.args[0], reason)
            case |= {"active": False, "reason": reason}
        else:
            assert reason is None, (name, reason)
            case |= {"active": True, "claims": rendering.data(claims)}
        assert all(other["name"] != name for other in self.cases), name
        self.cases.append(case)

    def header(self, name, reason, remove=(), **members):
        header = {n: v for n, v in (HEADER | members).items() if n not in remove}
        self.add(name, sign(header, access_claims()), reason)

    def claims(self, name, reason, audience="api", **changes):
        self.add(name, sign(HEADER, access_claims(**changes)), reason, audience)

    def payload(self, name, payload, reason="TOKEN_MALFORMED"):
        self.add(name, sign(HEADER, payload.encode() if isinstance(payload, str) else payload), reason)


def sized_token(size):
    """A good token of exactly `size` bytes."""
    for pad in ("", "p", "pp"):
        header = HEADER | ({"pad": pad} if pad else {})
        empty = sign(header, access_claims(fill=""))
        estimate = (size - len(empty)) * 3 // 4
        for count in range(estimate - 3, estimate + 4):
            token = sign(header, access_claims(fill="a" * count))
            if len(token) == size:
                return token
    raise AssertionError(size)


def good(cases):
    cases.add("of SIGN", samples.ACCESS_TOKEN)
    cases.add("of OPEN", samples.SESSION_TOKEN)
    cases.add("any audience", samples.ACCESS_TOKEN, audience=ANY)
    cases.claims("several audiences, the first asked for", None, aud=["api", "files"])
    cases.claims("several audiences, the last asked for", None, "files", aud=["api", "files"])
    cases.claims("an audience in an array of one", None, aud=["api"])
    cases.claims("custom claims", None, role="admin", nested={"a": [1, 2.5, None, True, "é\U0001d11e"]})
    cases.header("alg Ed25519", None, alg="Ed25519")
    cases.header("another header member", None, cty="x")
    retired = HEADER | {"kid": KEYS[1]["kid"]}
    cases.add("signed by a retired key", sign(retired, access_claims(), RETIRED_SEED))
    escaped = compact_json(access_claims()).replace(b'"sub"', b'"\\u0073ub"')
    cases.payload("an escaped member name", escaped, None)
    cases.payload("white space between members", compact_json(access_claims()).replace(b",", b" ,\n\t\r "), None)
    cases.payload("white space around the claims", b" \n" + compact_json(access_claims()) + b"\r\t", None)
    cases.payload("claims of depth 16", deep(16), None)
    for number in (b"1" * 128, b"-9.99e307", b"1e-307", b"0e-999", b"0.0"):
        cases.payload(f"a number {number.decode()[:10]}", with_number(number), None)
    cases.add("of 8191 bytes", sized_token(8191))
    cases.add("of 8192 bytes", sized_token(8192))
    cases.claims("without jti and client_id", None, jti=None, client_id=None)


def deep(depth):
    return compact_json(access_claims())[:-1] + b',"deep":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def malformed(cases):
    header, payload, signature = samples.ACCESS_TOKEN.split(b".")
    rows = {
        "empty": b"",
        "two dots": b"..",
        "two parts": header + b"." + payload,
        "four parts": samples.ACCESS_TOKEN + b".",
        "five parts": samples.ACCESS_TOKEN + b".a.a",
        "no header": b"." + payload + b"." + signature,
        "padding": samples.ACCESS_TOKEN + b"==",
        "leading space": b" " + samples.ACCESS_TOKEN,
        "trailing newline": samples.ACCESS_TOKEN + b"\n",
        "white space inside": header + b"." + payload[:9] + b" " + payload[9:] + b"." + signature,
        "standard base64 alphabet": samples.ACCESS_TOKEN.replace(b"-", b"+").replace(b"_", b"/"),
        "signature of length 4n + 1": samples.ACCESS_TOKEN[:-1],
        "header of length 4n + 1": header + b"A" * ((1 - len(header)) % 4) + b"." + payload + b"." + signature,
        "with a Bearer prefix": b"Bearer " + samples.ACCESS_TOKEN,
        "NUL inside": header + b"\0." + payload + b"." + signature,
        "JSON serialization": compact_json(
            {"payload": payload.decode(), "protected": header.decode(), "signature": signature.decode()}
        ),
        "a refresh token": samples.REFRESH_TOKEN,
    }
    assert rows["standard base64 alphabet"] != samples.ACCESS_TOKEN
    for name, token in rows.items():
        cases.add(name, token, "TOKEN_MALFORMED")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(chr(signature[-1]))
    for bits in range(1, 16):
        token = samples.ACCESS_TOKEN[:-1] + alphabet[last + bits].encode()
        cases.add(f"unused bits {bits:04b} of the signature", token, "TOKEN_MALFORMED")
    cases.add("of 8193 bytes", sized_token(8193), "TOKEN_OVERSIZE")
    cases.add("8193 dots", b"." * 8193, "TOKEN_OVERSIZE")


def json_headers(cases):
    good_header = compact_json(HEADER)
    rows = {
        "header with a member twice": good_header[:-1] + b',"alg":"EdDSA"}',
        "header with an escaped member twice": good_header[:-1] + b',"\\u0061lg":"EdDSA"}',
        "header of an array": b"[" + good_header + b"]",
        "header with a byte behind": good_header + b"}",
        "header with a byte order mark": b"\xef\xbb\xbf" + good_header,
        "header with a trailing comma": good_header[:-1] + b",}",
        "header of depth 3": good_header[:-1] + b',"x":{"y":[]}}',
        "header that is no JSON": b"alg=EdDSA",
        "header of 1025 bytes": good_header[:-1] + b',"x":"' + b"a" * (1025 - len(good_header) - 7) + b'"}',
    }
    for name, header in rows.items():
        cases.add(name, sign(header, access_claims()), "TOKEN_MALFORMED")
    limit = good_header[:-1] + b',"x":"' + b"a" * (1024 - len(good_header) - 7) + b'"}'
    assert len(limit) == 1024 and len(rows["header of 1025 bytes"]) == 1025
    cases.add("header of 1024 bytes", sign(limit, access_claims()))
    cases.add("header of depth 2", sign(good_header[:-1] + b',"x":[1]}', access_claims()))


def headers(cases):
    algorithms = ("none", "None", "NONE", "HS256", "RS256", "ES256", "PS256", "Ed448", "eddsa", "EdDSA ", "", 1, None)
    for algorithm in algorithms:
        cases.header(f"alg {algorithm!r}", "ALGORITHM_REFUSED", alg=algorithm)
    cases.header("without alg", "ALGORITHM_REFUSED", remove=("alg",))
    unsigned = jwt.signing_input(HEADER | {"alg": "none"}, access_claims()) + b"."
    cases.add("alg none without a signature", unsigned, "ALGORITHM_REFUSED")
    own_key = {"kty": "OKP", "crv": "Ed25519", "x": base64url(jwt.OTHER_PUBLIC_KEY)}
    members = {"crit": ["exp"], "jwk": own_key, "jku": "https://a.example", "x5u": "https://a.example", "x5c": ["AA=="]}
    for name, value in (members | {"zip": "DEF", "b64": False}).items():
        cases.header(f"header member {name}", "HEADER_REFUSED", **{name: value})
    cases.header("crit of none", "HEADER_REFUSED", crit=[])
    cases.header("b64 true", "HEADER_REFUSED", b64=True)
    embedded = HEADER | {"jwk": own_key, "kid": jwt.OTHER_KEY_ID}
    cases.add("signed by the key it carries", sign(embedded, access_claims(), jwt.OTHER_SEED), "HEADER_REFUSED")
    for kind in ("JWT", "AT+JWT", "application/at+jwt", "at+jwt ", "", 1):
        cases.header(f"typ {kind!r}", "TYPE_REFUSED", typ=kind)
    cases.header("without typ", "TYPE_REFUSED", remove=("typ",))
    for key_id in (jwt.OTHER_KEY_ID, "", "a" * 64, "a" * 65, jwt.TEST_KEY_ID + "=", jwt.TEST_KEY_ID.lower(), 1):
        cases.header(f"kid {key_id!r}", "KEY_UNKNOWN", kid=key_id)
    cases.header("without kid", "KEY_UNKNOWN", remove=("kid",))
    revoked = HEADER | {"kid": KEYS[2]["kid"]}
    cases.add("signed by a revoked key", sign(revoked, access_claims(), REVOKED_SEED), "KEY_REVOKED")


def signatures(cases):
    message, _, text = samples.ACCESS_TOKEN.rpartition(b".")
    signature = ed25519.sign(jwt.TEST_SEED, message)
    assert base64url(signature).encode() == text
    greater = int.from_bytes(signature[32:], "little") + ed25519.ORDER
    neutral = b"\x01" + bytes(31)
    other = jwt.signing_input(HEADER, access_claims(sub="user-2"))
    rows = {
        "no signature": b"",
        "signature of 63 bytes": signature[:-1],
        "signature of 65 bytes": signature + b"\0",
        "signature of zeros": bytes(64),
        "first bit of R changed": bytes([signature[0] ^ 1]) + signature[1:],
        "last bit of S changed": signature[:-1] + bytes([signature[-1] ^ 0x80]),
        "S above the group order": signature[:32] + greater.to_bytes(32, "little"),
        "R of small order, S of zeros": neutral + bytes(32),
        "R not canonical": (2**255 - 18).to_bytes(32, "little") + signature[32:],
        "halves swapped": signature[32:] + signature[:32],
        "signature of another key": ed25519.sign(jwt.OTHER_SEED, message),
        "signature of other claims": ed25519.sign(jwt.TEST_SEED, other),
        "signature of the payload alone": ed25519.sign(jwt.TEST_SEED, message.split(b".")[1]),
    }
    for name, changed in rows.items():
        cases.add(name, message + b"." + base64url(changed).encode(), "SIGNATURE_INVALID")
    cases.add("claims swapped", other + b"." + text, "SIGNATURE_INVALID")
    cases.add("kid of another key", sign(HEADER | {"kid": KEYS[1]["kid"]}, access_claims()), "SIGNATURE_INVALID")
    broken = jwt.signing_input(HEADER, b"no JSON") + b"." + text
    cases.add("signature before claims", broken, "SIGNATURE_INVALID")


def json_claims(cases):
    claims = compact_json(access_claims())
    rows = {
        "no claims": b"",
        "claims null": b"null",
        "claims of an array": b"[" + claims + b"]",
        "a claim twice": claims[:-1] + b',"sub":"admin"}',
        "an escaped claim twice": claims[:-1] + b',"\\u0073ub":"admin"}',
        "a nested member twice": claims[:-1] + b',"x":[{"y":1,"y":1}]}',
        "a byte behind the claims": claims + b"x",
        "two objects": claims + b"{}",
        "a byte order mark before the claims": b"\xef\xbb\xbf" + claims,
        "claims in UTF-16": claims.decode().encode("utf-16-le"),
        "a trailing comma": claims[:-1] + b",}",
        "a comment": claims[:-1] + b"/**/}",
        "single quotes": claims.replace(b'"', b"'"),
        "claims of depth 17": deep(17),
        "a lone surrogate": claims[:-1] + b',"x":"\\ud834"}',
        "claims not in UTF-8": claims[:-1] + b',"x":"\xff"}',
        "a control character in a string": claims[:-1] + b',"x":"\n"}',
        "a number with a leading zero": claims[:-1] + b',"x":01}',
        "NaN": claims[:-1] + b',"x":NaN}',
        "a number of 129 characters": with_number(b"1" * 129),
        "a number of 1e308": with_number(b"1e308"),
        "a number of 9.9e-308": with_number(b"9.9e-308"),
        "exp 1e400": claims.replace(b'"exp":', b'"exp":1e400,"x":'),
        "an unfinished object": claims[:-1],
    }
    for name, payload in rows.items():
        cases.payload(name, payload)


def with_number(number):
    return compact_json(access_claims())[:-1] + b',"x":' + number + b"}"


def claim_types(cases):
    for name in ("iss", "sub", "aud", "iat", "exp"):
        cases.claims(f"without {name}", "CLAIMS_REFUSED", **{name: None})
    for name in ("iss", "sub", "jti", "client_id", "sid", "scope"):
        cases.claims(f"{name} a number", "CLAIMS_REFUSED", **{name: 1})
    for name, session_id in (("15", bytes(15)), ("17", bytes(17))):
        cases.claims(f"sid of {name} bytes", "CLAIMS_REFUSED", sid=base64url(session_id))
    cases.claims("sid with unused bits", "CLAIMS_REFUSED", sid="AAAAAAAAAAAAAAAAAAAAAB")
    for name in ("exp", "iat", "nbf"):
        cases.claims(f"{name} a string", "CLAIMS_REFUSED", **{name: str(NOW)})
    exp = b'"exp":%d' % (NOW + 300)
    claims = compact_json(access_claims())
    for number in ("9223372036854775808", "1e10", "-1", "1767225900.5", "true", "null", "[1767225900]"):
        cases.payload(f"exp {number}", claims.replace(exp, b'"exp":' + number.encode()), "CLAIMS_REFUSED")
    for name, audience in (("a number", 1), ("an empty array", []), ("an array with a number", ["api", 1])):
        cases.claims(f"aud {name}", "CLAIMS_REFUSED", aud=audience)
    cases.claims("aud an object, any audience", "CLAIMS_REFUSED", ANY, aud={"api": True})


def claim_values(cases):
    for issuer in (samples.ISSUER + "/", samples.ISSUER.upper(), ""):
        cases.claims(f"iss {issuer!r}", "ISSUER_REFUSED", iss=issuer)
    cases.claims("another audience", "AUDIENCE_REFUSED", "files")
    cases.claims("an audience of which the expected is a part", "AUDIENCE_REFUSED", aud="api2")
    cases.claims("an audience in other letters", "AUDIENCE_REFUSED", "API")
    cases.claims("not among several audiences", "AUDIENCE_REFUSED", "mail", aud=["api", "files"])
    cases.claims("issuer before audience", "ISSUER_REFUSED", "mail", iss="https://other.example")
    cases.claims("audience before expiry", "AUDIENCE_REFUSED", "mail", exp=NOW - 1000)
    token = samples.ACCESS_TOKEN
    for leeway in (0, LEEWAY, 300):
        end = NOW + 300 + leeway
        cases.add(f"leeway {leeway}: a second before the end", token, leeway=leeway, now=end - 1)
        cases.add(f"leeway {leeway}: at the end", token, "TOKEN_EXPIRED", leeway=leeway, now=end)
        cases.add(f"leeway {leeway}: a second after the end", token, "TOKEN_EXPIRED", leeway=leeway, now=end + 1)
        start = NOW - leeway
        cases.add(f"leeway {leeway}: at the beginning", token, leeway=leeway, now=start)
        cases.add(f"leeway {leeway}: before iat", token, "TOKEN_NOT_YET_VALID", leeway=leeway, now=start - 1)
    cases.claims("nbf at the leeway", None, nbf=NOW + LEEWAY)
    cases.claims("nbf beyond the leeway", "TOKEN_NOT_YET_VALID", nbf=NOW + LEEWAY + 1)
    cases.claims("exp before nbf: expired first", "TOKEN_EXPIRED", nbf=NOW + 1000, exp=NOW - 1000)
    cases.claims("exp 0", "TOKEN_EXPIRED", exp=0)
    cases.claims("exp 9223372036854775807", None, exp=2**63 - 1)
    cases.claims("iat 9223372036854775807", "TOKEN_NOT_YET_VALID", iat=2**63 - 1, exp=2**63 - 1)


def document():
    cases = Cases()
    for part in (good, malformed, json_headers, headers, signatures, json_claims, claim_types, claim_values):
        part(cases)
    return rendering.document({"keys": KEYS, "settings": SETTINGS, "cases": cases.cases})
