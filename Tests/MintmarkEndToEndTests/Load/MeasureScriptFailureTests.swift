import Foundation
import Testing

/// What `Tools/measure` makes of what goes wrong, and of figures that do not belong together: without measuring anything.
@Suite("The script that measures, where something goes wrong")
struct MeasureScriptFailureTests {
    /// What a measurement does, and the beginning of the reason why it is invalid.
    static let failures = [
        (#"programs.done(["sh", "-c", "echo told; exit 13"])"#, "sh -c echo told; exit 13: exit code 13\ntold"),
        (
            #"programs.done(["sh", "-c", "echo told >&2; exit 4"], allowed=(0, 12))"#,
            "sh -c echo told >&2; exit 4: exit"
        ),
        (#"programs.done(["/nowhere/program"])"#, "/nowhere/program: "),
        (#"open("/nowhere/file")"#, "[Errno 2]"),
        (#"programs.subprocess.run(["false"], check=True)"#, "Command '['false']'"),
        (
            #"(lambda begun: aside.again_and_again(lambda: begun.set() or programs.done(["false"]), begun.wait))"#
                + #"(__import__("threading").Event())"#, "false: exit code 1"
        ),
        (#"aside.looked_at_during(lambda: programs.done(["false"]), lambda: 1)"#, "false: exit code 1"),
        (
            #"reports.percentile_us({"operations": {"ping": {"latency_us": {"p99": None}}}}, "ping")"#,
            "there were too few"
        ),
    ]

    /// An invalid one has a name and no value, and does not end the script: the next can be measured.
    @Test(arguments: failures)
    func whatFailsIsInvalid(body: String, reason: String) throws {
        let result = try measureScript(
            """
            def method(bench):
                '''How.'''
                return \(body)
            print(command.measure(None, method))
            """
        )
        #expect(result.output.hasPrefix("method: How.\n  INVALID: \(reason)"), "\(result)")
        #expect(result.output.hasSuffix("\n[('method', None)]\n"), "\(result)")
    }

    @Test func whatIsDoneBesideIsCountedAndEnds() throws {
        let result = try measureScript(
            """
            import threading
            turns = threading.Semaphore(0)
            value, count = aside.again_and_again(turns.release, lambda: [turns.acquire() for _ in range(3)] and "value")
            print(value, count >= 3)
            looked = threading.Event()
            print(set(aside.looked_at_during(looked.wait, lambda: looked.set() or 7)))
            def fails(): raise judging.Invalid("the body")
            try:
                aside.again_and_again(lambda: None, fails)
            except judging.Invalid as reason:
                print(reason)
            """
        )
        #expect(result.output == "value True\n{7}\nthe body\n", "\(result)")
    }

    /// Turns one after the other in which the generator was late or not, how many are taken, and whether one may stand.
    static let turns = [
        ("['valid']", 1, true), ("['invalid', 'valid']", 2, true), ("['invalid'] * 5 + ['valid']", 6, true),
        ("['invalid'] * 6 + ['valid']", 6, false),
    ]

    @Test(arguments: turns)
    func lateTurnsAreRepeated(turns: String, count: Int, mayStand: Bool) throws {
        let result = try measureScript(
            """
            taken = 0
            def run():
                global taken
                taken += 1
                return {"verdict": {"result": (\(turns))[taken - 1], "reasons": ["late"]}}
            try:
                judging.punctual(run)
                print("stands", taken)
            except judging.Invalid as reason:
                print("invalid", taken)
            """
        )
        #expect(result.output.hasSuffix("\(mayStand ? "stands" : "invalid") \(count)\n"), "\(result)")
    }

    /// The 99th percentiles of a curve, and the share that is told.
    static let curves = [
        ("[80, 90, 1000, 1001]", "0.25"), ("[80, 1001, 90, 95]", "0.01"), ("[80, 90, 95, 99]", "0.5"),
        ("[1001, 80, 90, 95]", "invalid"),
    ]

    @Test(arguments: curves)
    func theCurveEndsBeforeItsFirstBadRate(times: String, share: String) throws {
        let result = try measureScript(
            """
            curve = [{"share": share, "p99_us": p99} for share, p99 in zip(latency.CURVE_SHARES, \(times))]
            try:
                print(latency.share_kept(curve))
            except judging.Invalid:
                print("invalid")
            """
        )
        #expect(result.output == "\(share)\n", "\(result)")
    }

    @Test func anInvalidMeasurementLeavesNoneOfItsOldFiguresAsGood() throws {
        let result = try measureScript(
            """
            import json, pathlib, tempfile
            def first(): '''One.'''
            def other(): '''Other.'''
            with tempfile.TemporaryDirectory() as folder:
                saved.SAVED = pathlib.Path(folder) / "measure.json"
                saved.save(first, [judging.Figure("first", 1, ours=[1], theirs=[1]), ("first_beside", 2)], "abc")
                saved.save(other, [("other", 3)], "abc")
                saved.save(first, [("first", None)], "abd")
                figures = json.loads(saved.SAVED.read_text())["figures"]
                print([(name, figure["value"], figure["commit"]) for name, figure in figures.items()])
                print("ours" in figures["first"])
            """
        )
        let figures = "[('first', None, 'abd'), ('first_beside', None, 'abd'), ('other', 3, 'abc')]"
        #expect(result.output == "\(figures)\nFalse\n", "\(result)")
    }

    /// Rows of one commit do not name it; rows of several do. The points of the curve are a table of their own.
    @Test func theTableTellsCommitsThatDifferAndTheCurve() throws {
        let result = try measureScript(
            """
            saved = {"figures": {name: {"measure": name, "method": "How.", "measured_at": "2030-01-02T03:04:05+00:00",
              "machine": {"processor": "P", "processors": 2, "kernel": "K"}, **more} for name, more in {
                "start_ms": {"value": 12.0, "commit": "abc-dirty"}, "bytes_per_session": {"value": 200, "commit": None},
                "latency_curve": {"value": 0.5, "commit": "abd", "curve": [
                  {"share": 0.01, "per_second": 1500, "p50_us": 40.5, "p99_us": 81}]}}.items()}}
            print(table.table(saved), end="")
            """
        )
        let lines = result.output.split(separator: "\n").map(String.init)
        let start = "| milliseconds from start to readiness | 12.0 | | | `start_ms` at abc-dirty |"
        #expect(lines.contains(start), "\(result)")
        #expect(lines.contains("| resident bytes for each session | 200 | | | `bytes_per_session` at unknown |"))
        #expect(lines.contains("| 1% | 1 500 | 40.5 µs | 81.0 µs |"))
        #expect(result.output.contains("2030-01-02, commit abc-dirty, abd, unknown. The two sides"))
    }

    /// The commit says so where what is built is not what it holds.
    @Test func changedSourcesAreTold() throws {
        let result = try measureScript(
            """
            import pathlib, subprocess, tempfile
            with tempfile.TemporaryDirectory() as folder:
                saved.ROOT = pathlib.Path(folder)
                print(saved.commit())
                git = lambda *words: subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
                git("init")
                for name in ("Package.swift", "README.md"):
                    (saved.ROOT / name).write_text("first")
                git("add", ".")
                git("-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "--message", "m")
                first = saved.commit()
                (saved.ROOT / "README.md").write_text("second")
                print(len(first) >= 4, saved.commit() == first)
                (saved.ROOT / "Sources").mkdir()
                (saved.ROOT / "Sources" / "new.swift").write_text("new")
                print(saved.commit() == first + "-dirty")
            """
        )
        #expect(result.output == "None\nTrue True\nTrue\n", "\(result)")
    }

    /// Where only the tools of Redis are installed, the program is in them.
    @Test func redisIsFoundInItsTools() throws {
        let result = try measureScript(
            """
            import os, pathlib, tempfile
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder).resolve()
                (folder / "bin").mkdir()
                os.environ["PATH"] = str(folder / "bin")
                print(servers.Redis.program(folder))
                for name in ("redis-check-rdb", "redis-server"):
                    (folder / "bin" / name).write_text("#!/bin/sh")
                    (folder / "bin" / name).chmod(0o700)
                    found = pathlib.Path(servers.Redis.program(folder))
                    print(found.relative_to(folder), found.resolve().name)
            """
        )
        let found = "redis-server\nredis-server redis-check-rdb\nbin/redis-server redis-server\n"
        #expect(result.output == found, "\(result)")
    }
}
