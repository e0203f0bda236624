"""What sizing follows from: bytes for each token, connection, refresh and session."""

from measures.aside import looked_at_during
from measures.figures.operation import metric, private_bytes, settled
from measures.figures.sessions import open_sessions, take_snapshot
from measures.judging import Figure, Invalid
from measures.plan import HOT_TOKENS, PLAN, ROOT
from measures.programs import done
from measures.servers import Mintmark, OverTLS

# Below limits.connections, of which some are kept for the Unix socket.
CONNECTIONS = 900


def cache_bytes_per_token(bench):
    directory = bench.directory("sizing-cache")
    with Mintmark(bench, directory, admin="127.0.0.1:0") as server:
        tokens = directory / "tokens"
        bench.write_tokens(server, HOT_TOKENS, tokens)
        bench.run(server, "peak", "--mix", "verify=1", "--tokens", tokens, "--once", "--duration", 60)
        size, count = (metric(server.admin_address, f"mintmark_verify_cache_{name}") for name in ("bytes", "entries"))
        if count < HOT_TOKENS:
            raise Invalid(f"only {count:,.0f} tokens are in the cache")
        return size / count


def bytes_per_connection(bench, server, over, tokens):
    """By how much private memory grows while many connections ask now and then."""
    arguments = ["run", "--mix", "verify=1", "--tokens", tokens, "--rate", 4 * CONNECTIONS, "--connections", CONNECTIONS]
    before = settled(lambda: private_bytes(server))
    seen = looked_at_during(lambda: bench.run(over, *arguments, "--duration", 2 * PLAN.seconds), lambda: private_bytes(server))
    return (max(seen) - before) / CONNECTIONS


def connection_bytes(bench):
    """In clear, and over TLS: each with a server of its own, which has answered before."""
    certificates = bench.directory("sizing-tls") / "certificates"
    done([ROOT / "Tools" / "dev-certs", certificates])
    files = {"certificate": "server.pem", "private_key": "server.key", "client_ca": "ca.pem"}
    settings = {f"tls_{name}": certificates / file for name, file in files.items()}
    found = []
    for name in ("clear", "tls"):
        directory = bench.directory(f"sizing-{name}")
        with Mintmark(bench, directory, tls_listen="127.0.0.1:0", limits_connections=2_048, **settings) as server:
            tokens = directory / "tokens"
            bench.write_tokens(server, HOT_TOKENS, tokens)
            over = server if name == "clear" else OverTLS(server, certificates)
            bench.run(over, "peak", "--mix", "verify=1", "--tokens", tokens, "--duration", PLAN.seconds)
            found.append(bytes_per_connection(bench, server, over, tokens))
    return found


def disk_bytes(bench):
    """What a refresh writes to the journal and to the disk at 500 a second, and what a session takes in a snapshot."""
    with Mintmark(bench, bench.directory("sizing-disk"), admin="127.0.0.1:0", storage_snapshot_interval="1d") as server:
        open_sessions(bench, server, PLAN.sessions // 10)
        arguments = ["run", "--mix", "refresh=1", "--rate", 500, "--connections", 50, "--sessions", 5_000]
        report = bench.run(server, *arguments, "--warmup", 0.5, "--duration", 5 * PLAN.seconds)
        before, after = report["server"]["stats_before"], report["server"]["stats_after"]
        grown = {name: after[f"journal_{name}"] - before[f"journal_{name}"] for name in ("bytes", "events", "commits")}
        written = report["server"]["written_bytes"] or 0
        events, commits = grown["events"], grown["commits"]
        print(f"  {events:,} refreshes in {commits:,} commits; the kernel charged {written / commits:,.0f} bytes for a commit")
        take_snapshot(bench, server)
        size, count = (metric(server.admin_address, f"mintmark_snapshot_{name}") for name in ("size_bytes", "sessions"))
        return grown["bytes"] / events, size / count


def sizing(bench):
    """Bytes that a token of the load tool takes in the cache of verified tokens. Then the private memory that a connection adds,
    900 of them asking four times a second, in clear and over TLS; the bytes that a refresh adds to the journal, at 500 a second;
    and those that a session takes in a snapshot, subjects of 36 bytes and 64 bytes of claims."""
    in_cache = cache_bytes_per_token(bench)
    clear, over_tls = connection_bytes(bench)
    journal, snapshot = disk_bytes(bench)
    return [
        Figure("connection_bytes", clear),
        Figure("tls_connection_bytes", over_tls),
        Figure("journal_bytes_per_refresh", journal),
        Figure("snapshot_bytes_per_session", snapshot),
        Figure("sizing", in_cache),
    ]


MEASURES = [sizing]

TITLES = {
    "sizing": "bytes of a token in the cache",
    "connection_bytes": "bytes of private memory for a connection",
    "tls_connection_bytes": "bytes of private memory for a connection with TLS",
    "journal_bytes_per_refresh": "bytes in the journal for a refresh",
    "snapshot_bytes_per_session": "bytes in a snapshot for a session",
}
