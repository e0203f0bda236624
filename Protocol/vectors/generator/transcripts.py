"""auth-transcript.json: what AUTH signs."""

import hashlib
import struct

from . import codec, ed25519, jwt, rendering, samples

LABEL = b"mintmark/1 AUTH\0"
LEAF_CERTIFICATE_DIGEST = hashlib.sha256(b"a leaf certificate").digest()
TLS, LOOPBACK = 1, 2


def sized(part):
    return struct.pack(">I", len(part)) + part


def transcript(binding_kind, binding, hello, hello_answer, client_id):
    parts = sized(binding) + sized(hello) + sized(hello_answer) + sized(client_id.encode("utf-8"))
    return LABEL + bytes([binding_kind]) + parts


def hello_frames(registry, request_id=1, **changes):
    request, answer = registry.messages["HELLO", "request"], registry.messages["HELLO", "response"]
    hello = codec.encode_message(request, request_id, samples.values(request))
    values = samples.values(answer) | {"authentication_required": True} | changes
    return hello, codec.encode_message(answer, request_id, values)


def good_cases(registry):
    hello, answer = hello_frames(registry)
    other_hello, other_answer = hello_frames(registry, 0xFFFFFFFF, server_nonce=bytes(range(0x80, 0xA0)))
    skippable = codec.encode_frame(0x81, 1, answer[10:] + codec.encode_raw_field(0x80, b"later"))
    return [
        ("loopback, IPv4", LOOPBACK, b"127.0.0.1:7420", hello, answer, "local"),
        ("loopback, IPv6", LOOPBACK, b"[::1]:7420", hello, answer, "local"),
        ("loopback, another address and port", LOOPBACK, b"127.255.0.9:65535", hello, answer, "local"),
        ("TLS", TLS, LEAF_CERTIFICATE_DIGEST, hello, answer, "local"),
        ("another request id and nonce", LOOPBACK, b"127.0.0.1:7420", other_hello, other_answer, "local"),
        ("a client id outside ASCII", LOOPBACK, b"127.0.0.1:7420", hello, answer, "dépôt"),
        ("a client id of 64 bytes", LOOPBACK, b"127.0.0.1:7420", hello, answer, "c" * 64),
        ("an answer with a skippable field", LOOPBACK, b"127.0.0.1:7420", hello, skippable, "local"),
    ]


def document(registry):
    cases = []
    for name, kind, binding, hello, answer, client_id in good_cases(registry):
        signed = transcript(kind, binding, hello, answer, client_id)
        cases.append(case(name, kind, binding, hello, answer, client_id, ed25519.sign(jwt.TEST_SEED, signed), True))
    cases += refused(registry)
    return rendering.document(
        {"seed": jwt.TEST_SEED.hex(), "public_key": jwt.TEST_PUBLIC_KEY.hex(), "cases": cases}
    )


def case(name, kind, binding, hello, answer, client_id, signature, valid):
    signed = transcript(kind, binding, hello, answer, client_id)
    assert ed25519.verifies(jwt.TEST_PUBLIC_KEY, signed, signature) == valid, name
    return {
        "name": name,
        "binding_kind": kind,
        "binding": binding.hex(),
        "hello": hello.hex(),
        "hello_answer": answer.hex(),
        "client_id": client_id,
        "transcript": signed.hex(),
        "signature": signature.hex(),
        "valid": valid,
    }


def refused(registry):
    """A good signature over something else, and spoiled signatures."""
    _, *good = good_cases(registry)[0]
    kind, binding, hello, answer, client_id = good
    _, other_answer = hello_frames(registry, server_nonce=bytes(range(0x80, 0xA0)))
    signed = transcript(*good)
    signature = ed25519.sign(jwt.TEST_SEED, signed)
    greater = int.from_bytes(signature[32:], "little") + ed25519.ORDER
    rows = [
        ("signed for another port", transcript(kind, b"127.0.0.1:7421", hello, answer, client_id)),
        ("signed for another binding kind", transcript(TLS, binding, hello, answer, client_id)),
        ("signed for another server nonce", transcript(kind, binding, hello, other_answer, client_id)),
        ("signed for another client", transcript(kind, binding, hello, answer, "other")),
        ("signed without the label", signed[len(LABEL) :]),
        ("signed without the byte 00", LABEL[:-1] + signed[len(LABEL) :]),
    ]
    cases = [case(name, *good, ed25519.sign(jwt.TEST_SEED, text), False) for name, text in rows]
    spoiled = [
        ("signed by another key", ed25519.sign(jwt.OTHER_SEED, signed)),
        ("one bit changed", bytes([signature[0] ^ 1]) + signature[1:]),
        ("S above the group order", signature[:32] + greater.to_bytes(32, "little")),
        ("all zero", bytes(64)),
    ]
    return cases + [case(name, *good, spoiled_signature, False) for name, spoiled_signature in spoiled]
