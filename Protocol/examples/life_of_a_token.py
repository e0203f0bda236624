"""The life of a session, step by step, against a real server; every expectation is checked.

    python3 life_of_a_token.py --server 127.0.0.1:7420
    python3 life_of_a_token.py --unix /run/mintmark.sock
    python3 life_of_a_token.py --tls localhost:7422 --ca ca.pem --cert client.pem --key client.key
    python3 life_of_a_token.py --server 127.0.0.1:7420 --client web --client-key web.pem

Needs a server that lets this caller do everything but administer, and rotates at every use (the default).
Ends with a line "ok" and exit code 0, or with a message and exit code 1.
"""
import argparse, base64, json, os, sys
from mintmark_client import Client, ServerError, STATUSES, openssl_signer, tls_context

SUBJECT = "example-" + os.urandom(8).hex()
AUDIENCE, OTHER = "example-api", "another-api"


class Surprise(Exception):
    pass


def expect(what, got, wanted):
    if got != wanted:
        raise Surprise(f"{what}: got {got!r}, expected {wanted!r}")


def expect_error(what, name, call, *arguments):
    """`call` must be refused with the status `name`; returns the error."""
    try:
        answer = call(*arguments)
    except ServerError as error:
        expect(what, error.name, name)
        return error
    raise Surprise(f"{what}: got the answer {sorted(answer)}, expected {name}")


def expect_refused(what, answer, name):
    """A VERIFY answer that says no, with the reason `name`."""
    expect(f"{what}: active", answer["active"], False)
    expect(f"{what}: reason", STATUSES.get(answer.get("reason"), {}).get("name"), name)
    expect(f"{what}: claims", answer.get("claims"), None)


def step(title, detail):
    print(f"{title}: {detail}", flush=True)


def live(client: Client):
    hello = client.connection().hello
    expect("version", hello["version"], 1)
    step("HELLO", f"{hello['server_build']} speaks version {hello['version']}, frames up to "
                  f"{hello['frame_length_limit']}, {hello['in_flight_limit']} in flight")

    opened = client.open(SUBJECT, [AUDIENCE], scope="read write", claims={"example": True})
    oldest = opened["refresh_token"]
    expect("expires_in", opened["expires_in"], opened["expires_at"] - opened["server_time"])
    expect("refresh expires with the session at the latest",
           opened["refresh_expires_at"] <= opened["session_expires_at"], True)
    step("OPEN", f"session {opened['session_id'].hex()}, access token for {opened['expires_in']} s, "
                 f"refresh token of {len(oldest)} bytes")

    verified = client.verify(opened["access_token"], expected_audience=AUDIENCE)
    expect("VERIFY: active", verified["active"], True)
    expect("VERIFY: reason", verified.get("reason"), None)
    claims = json.loads(verified["claims"])
    sid = base64.urlsafe_b64encode(opened["session_id"]).rstrip(b"=").decode()
    for claim, wanted in {"sub": SUBJECT, "aud": AUDIENCE, "scope": "read write", "example": True, "sid": sid,
                          "exp": opened["expires_at"]}.items():
        expect(f"claim {claim}", claims.get(claim), wanted)
    step("VERIFY", f"active, sub {claims['sub']}, client_id {claims['client_id']}")

    expect_refused("VERIFY", client.verify(opened["access_token"], expected_audience=OTHER), "AUDIENCE_REFUSED")
    step("VERIFY for another audience", "AUDIENCE_REFUSED")

    first = client.refresh(oldest)
    expect("refresh_outcome", first["refresh_outcome"], 1)
    expect("generation", first["generation"], 1)
    expect("session_id", first["session_id"], opened["session_id"])
    expect("a new refresh token", first["refresh_token"] != oldest, True)
    step("REFRESH", "rotated, generation 1")

    again = client.refresh(oldest)
    expect("refresh_outcome", again["refresh_outcome"], 2)
    expect("the same successor", again["refresh_token"], first["refresh_token"])
    expect("generation", again["generation"], 1)
    expect("a fresh access token", again["access_token"] != first["access_token"], True)
    step("REFRESH with the old token, inside the window", "same_successor, generation 1")

    second = client.refresh(first["refresh_token"])
    expect("refresh_outcome", second["refresh_outcome"], 1)
    expect("generation", second["generation"], 2)
    newest = second["refresh_token"]
    expect("a third refresh token", newest not in (oldest, first["refresh_token"]), True)
    step("REFRESH with the new token", "rotated, generation 2")

    reused = expect_error("REFRESH with the oldest token", "REUSED", client.refresh, oldest)
    expect("reuse_class", reused.reuse_class, 2)
    expect("the error closes or is retryable", (reused.closes, reused.retryable), (False, False))
    step("REFRESH with the oldest token", f"{reused.status} REUSED, reuse_class 2: the session is revoked")

    revoked = expect_error("REFRESH with the newest token", "REVOKED", client.refresh, newest)
    step("REFRESH with the newest token", f"{revoked.status} REVOKED")

    expect_refused("VERIFY", client.verify(opened["access_token"], expected_audience=AUDIENCE), "TOKEN_REVOKED")
    step("VERIFY of the session's access token", "TOKEN_REVOKED")

    # Both requests are on the wire before either answer is read, so VERIFY cannot be of the token that SIGN makes.
    signed, refused = client.connection().pipeline(
        ("SIGN", {"subject": SUBJECT, "audience": [AUDIENCE, OTHER], "access_token_ttl": 30}),
        ("VERIFY", {"access_token": second["access_token"], "any_audience": True, "omit_claims": True}))
    for result in (signed, refused):
        if isinstance(result, ServerError):
            raise Surprise(f"SIGN and VERIFY in one write: {result}")
    expect_refused("pipelined VERIFY", refused, "TOKEN_REVOKED")
    expect("a TTL of at most what was asked", 0 < signed["expires_in"] <= 30, True)
    verified = client.verify(signed["access_token"], expected_audience=OTHER)
    expect("VERIFY of the signed token: active", verified["active"], True)
    expect("claim aud", json.loads(verified["claims"])["aud"], [AUDIENCE, OTHER])
    expect("claim sid", json.loads(verified["claims"]).get("sid"), None)
    step("SIGN and VERIFY in one write", "signed; TOKEN_REVOKED; the signed token is active")

    keys = json.loads(client.keys()["jwks"])["keys"]
    header = signed["access_token"].split(b".")[0]
    kid = json.loads(base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4)))["kid"]
    signing = [key for key in keys if key["kid"] == kid]
    expect("keys with the kid of the signed token", len(signing), 1)
    expect("its kind", (signing[0]["kty"], signing[0]["crv"], signing[0]["use"]), ("OKP", "Ed25519", "sig"))
    step("KEYS", f"{len(keys)} in the set, {kid} signs")

    stats = client.stats()
    expect("ready", (stats["ready"], stats["readiness_reasons"]), (True, []))
    expect("server_build", stats["server_build"], hello["server_build"])
    expect("there are counters", len(stats["counters"]) > 0, True)
    step("STATS", f"ready, {len(stats['counters'])} counters")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--server", metavar="HOST:PORT")
    where.add_argument("--unix", metavar="PATH")
    where.add_argument("--tls", metavar="HOST:PORT")
    parser.add_argument("--ca", metavar="FILE", help="with --tls: who vouches for the server (default: the system's)")
    parser.add_argument("--cert", metavar="FILE", help="with --tls: the certificate to show")
    parser.add_argument("--key", metavar="FILE", help="its private key")
    parser.add_argument("--beyond-loopback", action="store_true", help="allow plain TCP to another machine")
    parser.add_argument("--client", metavar="ID", help="who calls, where the server wants to know")
    parser.add_argument("--client-key", metavar="FILE", help="the key that proves it, in PEM")
    options = parser.parse_args()
    if options.unix is None:
        host, _, port = (options.server or options.tls).rpartition(":")
        if not host or not port.isdigit():
            parser.error("--server and --tls want HOST:PORT")
        address = (host.strip("[]"), int(port))
    else:
        address = options.unix
    tls = tls_context(options.ca, options.cert, options.key) if options.tls else None
    identity = (options.client, openssl_signer(options.client_key)) if options.client and options.client_key else None
    client = Client(address, beyond_loopback=options.beyond_loopback, tls=tls, identity=identity)
    try:
        live(client)
    except Exception as error:
        print(f"failed: {type(error).__name__}: {error}", flush=True)
        return 1
    finally:
        client.close()
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
