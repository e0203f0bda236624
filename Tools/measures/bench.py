"""Runs the generator, on its processor, against a server."""

import json
import time

from measures.judging import require_saturated, require_undisturbed, undisturbed
from measures.plan import HOT_TOKENS, LOAD_CORE, PLAN, SERVER_CORE, SPEED_SECONDS
from measures.programs import build, children_seconds, done, pinned


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

    def libsodium(self, operation):
        """How often libsodium alone does it in a second, on the server's processor."""
        began, used_before = time.monotonic(), children_seconds()
        output = self.counts(operation, PLAN.short_seconds)
        require_saturated("libsodium", (children_seconds() - used_before) / (time.monotonic() - began))
        return output

    def speed(self):
        """How fast the server's processor is in this moment: signatures in a second."""
        return self.counts("sign_libsodium", SPEED_SECONDS)

    def counts(self, operation, seconds):
        command = pinned(SERVER_CORE, self.bin / "mintmark-counts", operation, "--seconds", seconds)
        return float(done(command).split()[-1])
