"""Runs the generator, on its processor, against a server."""

import json

from measures.judging import require_undisturbed, require_whole, undisturbed
from measures.plan import HOT_TOKENS, LOAD_CORE, PLAN, SERVER_CORE, SPEED_SECONDS
from measures.programs import build, done, pinned


class Bench:
    """What is built, the folder for what is measured, and the generator."""

    def __init__(self, work):
        self.bin = build()
        self.work = work

    def directory(self, name):
        path = self.work / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def load(self, server, *arguments, saturates=True, sheds=False):
        """One run of the generator; its report. Done again while others take processors away, if that matters."""
        return undisturbed(lambda: self.run(server, *arguments), saturates, sheds)

    def turn(self, server, *arguments, saturates=True):
        """The report of a short run of the generator: one that nobody disturbed."""
        report = self.run(server, *arguments, "--warmup", 0.3, "--duration", PLAN.short_seconds)
        require_undisturbed(report, saturates)
        return report

    def run(self, server, *arguments):
        command = pinned(LOAD_CORE, self.bin / "mintmark-bench", *arguments)
        where = server.where if hasattr(server, "where") else ["--server", server.address]
        command += [*where, "--server-pid", str(server.pid), "--json", "-"]
        # 12 is that the generator finds its figures invalid: each measurement holds that against what it needs.
        return json.loads(done(command, allowed=(0, 12)))

    def write_tokens(self, server, count, path):
        command = [self.bin / "mintmark-bench", "tokens", "--write-tokens", path, "--distinct-tokens", str(count)]
        done(pinned(LOAD_CORE, *command, "--server", server.address))

    def hot_tokens(self, server, directory):
        """A file of so many tokens of the server as stay in its cache."""
        path = directory / "tokens"
        self.write_tokens(server, HOT_TOKENS, path)
        return path

    def signed_bytes(self, server, operation, *claims):
        """How many bytes the server signs for a token of the load's: what stands before its last dot."""
        command = [self.bin / "mintmark", operation, "--subject", "load-" + 31 * "0", "--audience", "mintmark-bench", *claims]
        return json.loads(done([*command, "--unix", server.unix, "--json"]))["access_token"].rindex(".")

    def libsodium(self, operation, message_bytes):
        """How often libsodium alone does it in a second, on the server's processor."""
        per_second, share = self.counts(SERVER_CORE, operation, PLAN.short_seconds, "--bytes", message_bytes)
        require_whole("libsodium", share)
        return per_second

    def speeds(self):
        """How fast the server's processor and the generator's are in this moment, alone: signatures in a second."""
        return [self.counts(core, "sign_libsodium", SPEED_SECONDS)[0] for core in (SERVER_CORE, LOAD_CORE)]

    def counts(self, core, operation, seconds, *more):
        """How often something is done in a second, and how much of its processor that had."""
        command = pinned(core, self.bin / "mintmark-counts", operation, "--seconds", seconds, *more)
        per_second, share = done(command).split()[-2:]
        return float(per_second), float(share)
