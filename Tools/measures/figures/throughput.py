"""How much is done in a second, beside libsodium, Redis and jwt-kit on the same processor."""

import json
import time

from measures.judging import (
    median_of_short_pairs,
    require_cold,
    require_sampled,
    require_sound,
    require_undisturbed,
    require_whole,
)
from measures.plan import PLAN, ROOT, SERVER_CORE
from measures.programs import children_seconds, done, pinned
from measures.reports import rate
from measures.servers import Mintmark, OverTLS, OverUnix, Redis

# Half a second of work for libsodium, and a little more.
COLD_TOKENS = 10_000
# As long as those of the load's sessions.
SESSION_CLAIMS = json.dumps({"pad": 54 * "x"}, separators=(",", ":"))


def sign_vs_libsodium(bench):
    """Tokens signed in a second over TCP (16 connections, 16 requests underway on each; a sample of the signatures checked),
    over signatures that libsodium alone makes in a second over as many bytes on the same processor."""
    with Mintmark(bench, bench.directory("sign")) as server:
        signed_bytes = bench.signed_bytes(server, "sign")

        def ours():
            report = bench.turn(server, "peak", "--mix", "sign=1", "--spin")
            require_sampled(report)
            return rate(report, "sign")

        theirs = lambda: bench.libsodium("sign_libsodium", signed_bytes)
        return median_of_short_pairs("sign_vs_libsodium", ours, theirs, "libsodium", bench.speeds)


def verify_cold_vs_libsodium(bench):
    """Tokens verified in a second over TCP (16 connections, 16 requests underway on each), each of them once, signed by an
    earlier process, so that no answer comes from the cache; over signatures that libsodium alone checks in a second, over as many
    bytes."""
    directory = bench.directory("cold")
    tokens = directory / "tokens"
    with Mintmark(bench, directory) as server:
        bench.write_tokens(server, COLD_TOKENS, tokens)
        signed_bytes = bench.signed_bytes(server, "sign")

    def ours():
        # With a process of its own each turn, so that the tokens are unknown again.
        with Mintmark(bench, directory) as server:
            report = bench.run(server, "peak", "--mix", "verify=1", "--tokens", tokens, "--once", "--spin", "--duration", 60)
        require_undisturbed(report)
        require_cold(report)
        return rate(report, "verify")

    theirs = lambda: bench.libsodium("verify_libsodium", signed_bytes)
    return median_of_short_pairs("verify_cold_vs_libsodium", ours, theirs, "libsodium", bench.speeds)


def verify_hot(bench, name, depth, bare):
    directory = bench.directory(name)
    with Mintmark(bench, directory) as server, Redis(bench.directory(f"{name}-redis")) as redis:
        tokens = bench.hot_tokens(server, directory)
        common = ["--connections", 16, "--depth", depth, "--tokens", tokens, "--spin"]
        results = []
        for label, flags in [("", [])] + ([("_without_claims", ["--without-claims"])] if bare else []):
            first = bench.run(server, "peak", "--mix", "verify=1", *common, *flags, "--duration", PLAN.short_seconds)
            require_sound(first, saturates=False)
            value_bytes = round(first["operations"]["verify"]["answer_bytes_mean"])
            print(f"{name}{label}: answers of {value_bytes} bytes on both sides")
            ours = lambda: rate(bench.turn(server, "peak", "--mix", "verify=1", *common, *flags), "verify")
            theirs = lambda: rate(bench.turn(redis, "redis", *common, "--answer-bytes", value_bytes), "get")
            results += median_of_short_pairs(name + label, ours, theirs, "Redis GET", bench.speeds)
        return results


def verify_hot_vs_redis(bench):
    """Tokens verified in a second over TCP, 10 000 of them again and again, answered from the cache with their claims; over
    Redis GETs of the same tokens as keys with answers of the same size. 16 connections, 16 requests underway on each. The
    second figure is the same for answers without claims."""
    return verify_hot(bench, "verify_hot_vs_redis", depth=16, bare=True)


def verify_hot_depth1_vs_redis(bench):
    """Tokens verified in a second over TCP, 10 000 of them again and again, answered from the cache with their claims; over
    Redis GETs of the same tokens as keys with answers of the same size. One request underway on each of 16 connections."""
    return verify_hot(bench, "verify_hot_depth1_vs_redis", depth=1, bare=False)


def build_jwtkit():
    """Builds the program that verifies with jwt-kit: a package of its own, so that jwt-kit is part of no product."""
    where = ["--package-path", "Tools/jwtkit-verify", "--scratch-path", ".build-jwtkit", "--configuration", "release"]
    done(["swift", "build", *where], cwd=ROOT)
    return ROOT / ".build-jwtkit" / "release" / "jwtkit-verify"


def verify_vs_jwtkit_in_process(bench):
    """Tokens verified in a second over a Unix socket, 10 000 of them again and again, answered from the cache with their claims,
    by a server with one processor; over the same tokens verified by jwt-kit in the caller's own process, with one processor."""
    program = build_jwtkit()
    directory = bench.directory("jwtkit")
    with Mintmark(bench, directory) as server:
        tokens = bench.hot_tokens(server, directory)
        command = [bench.bin / "mintmark", "keys", "--json", "--unix", server.unix]
        jwks = done(command)
        over_unix = OverUnix(server)
        common = ["--connections", 16, "--depth", 16, "--tokens", tokens, "--spin"]

        def theirs():
            command = pinned(SERVER_CORE, program, PLAN.short_seconds, "mintmark-bench", jwks)
            began, used_before = time.monotonic(), children_seconds()
            with open(tokens) as lines:
                per_second = float(done(command, stdin=lines).split()[-1])
            require_whole("jwt-kit", (children_seconds() - used_before) / (time.monotonic() - began))
            return per_second

        ours = lambda: rate(bench.turn(over_unix, "peak", "--mix", "verify=1", *common), "verify")
        return median_of_short_pairs("verify_vs_jwtkit_in_process", ours, theirs, "jwt-kit", bench.speeds)


def tls_cost_ratio(bench):
    """Tokens verified in a second over TLS, 10 000 of them again and again, answered from the cache with their claims; over the
    same in clear, from the same process. 16 connections, 16 requests underway on each. What a handshake costs is not in it."""
    directory = bench.directory("tls")
    certificates = directory / "certificates"
    done([ROOT / "Tools" / "dev-certs", certificates])
    files = {"certificate": "server.pem", "private_key": "server.key", "client_ca": "ca.pem"}
    settings = {f"tls_{name}": certificates / file for name, file in files.items()}
    with Mintmark(bench, directory, tls_listen="127.0.0.1:0", **settings) as server:
        tokens = bench.hot_tokens(server, directory)
        common = ["peak", "--mix", "verify=1", "--connections", 16, "--depth", 16, "--tokens", tokens, "--spin"]
        over_tls = OverTLS(server, certificates)
        ours = lambda: rate(bench.turn(over_tls, *common), "verify")
        theirs = lambda: rate(bench.turn(server, *common), "verify")
        return median_of_short_pairs("tls_cost_ratio", ours, theirs, "in clear", bench.speeds)


def refresh_durable_vs_libsodium_sign(bench):
    """Refreshes answered in a second over TCP (32 connections, 16 requests underway on each), each of them rotated, synced to
    the disk before its answer, and with a new access token; over signatures that libsodium alone makes in a second, over as many
    bytes as are signed of that token. The disk is that of the temporary directory."""
    with Mintmark(bench, bench.directory("refresh")) as server:
        signed_bytes = bench.signed_bytes(server, "open", "--claims", SESSION_CLAIMS)
        common = ["--connections", 32, "--depth", 16, "--sessions", 5_000, "--spin"]

        def ours():
            report = bench.turn(server, "peak", "--mix", "refresh=1", *common, saturates=False)
            before, after = report["server"]["stats_before"], report["server"]["stats_after"]
            found = {key: after[key] - before[key] for key in ("journal_events", "journal_commits", "journal_bytes")}
            print(
                f"     {found['journal_events'] / found['journal_commits']:.0f} events in a commit, "
                f"{found['journal_bytes'] / found['journal_events']:.1f} bytes an event, "
                f"{report['server']['cores_used']:.0%} of the processor"
            )
            return rate(report, "refresh")

        theirs = lambda: bench.libsodium("sign_libsodium", signed_bytes)
        return median_of_short_pairs("refresh_durable_vs_libsodium_sign", ours, theirs, "libsodium", bench.speeds)


MEASURES = [
    sign_vs_libsodium,
    verify_cold_vs_libsodium,
    verify_hot_vs_redis,
    verify_hot_depth1_vs_redis,
    verify_vs_jwtkit_in_process,
    tls_cost_ratio,
    refresh_durable_vs_libsodium_sign,
]
TITLES = {
    "sign_vs_libsodium": "tokens signed in a second",
    "verify_cold_vs_libsodium": "unknown tokens verified in a second",
    "verify_hot_vs_redis": "known tokens verified in a second, with claims",
    "verify_hot_vs_redis_without_claims": "known tokens verified in a second, without claims",
    "verify_hot_depth1_vs_redis": "known tokens verified in a second, with claims, one request underway on each connection",
    "verify_vs_jwtkit_in_process": "known tokens verified in a second, over a Unix socket",
    "tls_cost_ratio": "known tokens verified in a second, over TLS",
    "refresh_durable_vs_libsodium_sign": "refreshes in a second, each synced to the disk",
}
