import Foundation
import Testing

/// Imports the parts of `Tools/measure` and runs the Python that comes behind.
func measureScript(_ lines: String) throws -> ProcessResult {
    let load = """
        import sys
        sys.path.insert(0, sys.argv[1])
        from measures import aside, command, figures, judging, programs, reports, saved, servers, table
        from measures.figures import latency

        """
    let tools = BuiltProducts.repository.appendingPathComponent("Tools").path
    return try run(URL(fileURLWithPath: "/usr/bin/python3"), ["-B", "-c", load + lines, tools])
}

/// What `Tools/measure` takes for a measurement, and what it does not: without measuring anything.
@Suite("The script that measures")
struct MeasureScriptTests {
    private func python(_ lines: String) throws -> ProcessResult { try measureScript(lines) }

    /// A check of the script, what it is given, and whether that may stand.
    static let checks: [(String, Bool)] = [
        (#"require_saturated("the server", 0.95)"#, true),
        (#"require_saturated("the server", 0.9499)"#, false),
        (#"require_saturated("libsodium", 1.01)"#, true),
        (#"require_saturated("the server", None)"#, false),
        (#"require_sound({"errors": {}, "server": {"cores_used": 0.99}})"#, true),
        (#"require_sound({"errors": {"reset": 1}, "server": {"cores_used": 0.99}})"#, false),
        (#"require_sound({"errors": {}, "server": {"cores_used": 0.5}})"#, false),
        (#"require_sound({"errors": {}, "server": {"cores_used": 0.5}}, saturates=False)"#, true),
        (#"require_sound({"errors": {"shed_busy": 9}, "server": {"cores_used": 0.99}})"#, false),
        (#"require_sound({"errors": {"shed_busy": 9}, "server": {"cores_used": 0.99}}, sheds=True)"#, true),
        (
            #"require_sound({"errors": {"shed_busy": 9, "reset": 1}, "server": {"cores_used": 0.99}}, sheds=True)"#,
            false
        ),
        (#"require_sampled({"answers_sampled": 1})"#, true),
        (#"require_sampled({"answers_sampled": 0})"#, false),
        (#"require_cold({"server": {"stats_after": {"verify_cache_hits": 0}}})"#, true),
        (#"require_cold({"server": {"stats_after": {"verify_cache_hits": 1}}})"#, false),
    ]

    @Test(arguments: checks)
    func measurementsAreChecked(check: String, mayStand: Bool) throws {
        let result = try python(
            """
            try:
                judging.\(check)
                print("stands")
            except judging.Invalid as reason:
                print("invalid:", reason)
            """
        )
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.output.hasPrefix(mayStand ? "stands" : "invalid: "), "\(result)")
    }

    /// What became of the processors in turns one after the other (used, idle, stolen; the generator's own share), how
    /// many turns are taken, and whether the last may stand.
    static let disturbances: [(turns: String, count: Int, mayStand: Bool)] = [
        ("[(0.98, 0.01, 0.00, 0.99)]", 1, true),
        ("[(0.96, 0.00, 0.04, 0.99), (0.98, 0.01, 0.00, 0.99)]", 2, true),
        ("[(0.96, 0.00, 0.00, 0.99), (0.98, 0.01, 0.00, 0.99)]", 2, true),
        ("[(0.96, 0.03, 0.00, 0.96), (0.98, 0.01, 0.00, 0.99)]", 2, true),
        ("[(0.96, 0.00, 0.04, 0.99)] * 9", 6, true),
        ("[(0.90, 0.00, 0.10, 0.99)] * 9", 6, false),
        // Nobody took anything away: the generator is what limits.
        ("[(0.90, 0.09, 0.00, 0.99)] * 9", 1, false),
    ]

    @Test(arguments: disturbances)
    func disturbedTurnsAreRepeated(turns: String, count: Int, mayStand: Bool) throws {
        let result = try python(
            """
            taken = 0
            def run():
                global taken
                used, idle, stolen, generator = (\(turns))[taken]
                taken += 1
                server = {"cores_used": used, "cores_idle": idle, "cores_stolen": stolen}
                return {"errors": {}, "server": server, "generator": {"core_share_max": generator}}
            try:
                judging.undisturbed(run)
                print("stands", taken)
            except judging.Invalid as reason:
                print("invalid", taken)
            """
        )
        #expect(result.output.hasSuffix("\(mayStand ? "stands" : "invalid") \(count)\n"), "\(result)")
    }

    @Test func everyNameOfItIsMeasured() throws {
        let result = try python("print(*[function.__name__ for function in figures.MEASURES])")
        let names = [
            "sign_vs_libsodium", "verify_cold_vs_libsodium", "verify_hot_vs_redis", "verify_hot_depth1_vs_redis",
            "bytes_per_session", "start_ms", "verify_vs_jwtkit_in_process", "scaling", "p99_at_half_load_us",
            "latency_curve",
        ]
        let measured = Set(result.output.split { " \n".contains($0) }.map(String.init))
        #expect(measured.isSuperset(of: names), "\(result)")
    }

    /// The script reads histograms as the load tool writes them.
    @Test func histogramsOfTheLoadToolAreRead() throws {
        let daemon = try DaemonProcess()
        let arguments = [
            "peak", "--mix", "ping=1", "--requests", "3000", "--duration", "600", "--unix", daemon.unixPath,
        ]
        let report = try run(BuiltProducts.mintmarkBench, arguments + ["--json", "-"])
        let file = "\(daemon.directory)/report.json"
        try report.output.write(toFile: file, atomically: true, encoding: .utf8)
        let result = try python(
            """
            import json
            ping = json.load(open("\(file)"))["operations"]["ping"]
            values = reports.values_of(ping["histograms"]["response"])
            assert sum(count for _, count in values) == ping["completed"] == 3000
            below = [value for value, count in values for _ in range(count)]
            times = ping["latency_us"]
            assert abs(below[1499] / 1000 / times["p50"] - 1) < 0.002, (below[1499], times)
            assert abs(below[-1] / 1000 / times["max"] - 1) < 0.002, (below[-1], times)
            report = {"operations": {"ping": {**ping, "completed_per_second": 1000}}}
            # Many may have taken as long as the one in the middle.
            in_time = sum(value <= below[1499] for value in below) / 3
            assert abs(reports.answered_in_time(report, "ping", (below[1499] + 0.5) / 1e9) - in_time) < 0.001, in_time
            assert reports.answered_in_time(report, "ping", below[0] / 2e9) == 0
            print("read")
            """
        )
        #expect(result.output == "read\n", "\(result)")
    }

    @Test func theFigureThatWasAskedForComesLast() throws {
        let result = try python(
            """
            command.print_results([("a", 1.25), ("a_beside", 2)], asked=["a"])
            command.print_results([("a", None)], asked=["a"])
            """
        )
        #expect(result.output == "a_beside 2.000\na 1.250\na INVALID\n", "\(result)")
    }

    /// Two pairs, one invalid figure and one without another side, as they are saved.
    private static let saved = """
        saved = {"figures": {name: {"measure": "m", "method": "So it is measured.", "measured_at": "2030-01-02T03:04:05+00:00",
          "machine": {"processor": "P", "processors": 2, "kernel": "K"}, "commit": "abc", **more} for name, more in {
            "sign_vs_libsodium": {"value": 0.95, "ratios": [0.95], "ours": [60000, 70000, 65000],
              "theirs": [70000, 71000, 72000], "compared_with": "libsodium"},
            "p99_at_half_load_us": {"value": 80.5, "ours": [80.5], "theirs": [40.25], "unit": "µs",
              "compared_with": "an echo server"},
            "start_ms": {"value": 12.34}, "bytes_per_session": {"value": None}, "of_no_interest": {"value": 7}}.items()}}

        """

    @Test func theTableIsMadeOfWhatWasSavedAndOfNothingElse() throws {
        let result = try python(Self.saved + "print(table.table(saved), end='')")
        let rows = result.output.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        #expect(
            rows.map(String.init) == [
                "| tokens signed in a second | 65 000 | libsodium: 71 000 | 0.95 | `m` |",
                "| 99th percentile of verification at half load | 80.5 µs | an echo server: 40.2 µs | | `m` |",
                "| resident bytes for each session | INVALID | | | `m` |",
                "| milliseconds from start to readiness | 12.3 | | | `m` |",
            ],
            "\(result)"
        )
        #expect(result.output.contains("Measured on 2 × P, 2030-01-02, commit abc. The two sides"))
        #expect(result.output.hasSuffix("- `m`: So it is measured.\n\n</details>\n"))
        #expect(try python("print(table.table({'figures': {}}))").exitCode == 1)
    }

    @Test func theTableTellsOnWhichOfSeveralMachines() throws {
        let output = try python(
            Self.saved + """
                saved["figures"]["start_ms"]["machine"] = {"processor": "A", "processors": 4, "kernel": "K"}
                print(table.table(saved), end='')
                """
        ).output
        let row = "| tokens signed in a second | 65 000 | libsodium: 71 000 | 0.95 | `m` (1) |"
        #expect(output.contains(row), "\(output)")
        #expect(output.contains("| milliseconds from start to readiness | 12.3 | | | `m` (2) |"))
        #expect(output.contains("Measured on (1) 2 × P, (2) 4 × A, 2030-01-02, commit abc."))
    }

    @Test func theTableStandsBetweenItsMarksAndMayBeWrittenAgain() throws {
        let result = try python(
            Self.saved + """
                import pathlib, tempfile
                with tempfile.TemporaryDirectory() as folder:
                    page = pathlib.Path(folder) / "page.md"
                    page.write_text("before\\n" + table.BEGIN + "\\nold\\n" + table.END + "\\nafter\\n")
                    table.write_table(page, saved)
                    once = page.read_text()
                    table.write_table(page, saved)
                    print(once == page.read_text(), "old" in once, once.startswith("before\\n"), once.endswith("\\nafter\\n"))
                    page.write_text(table.END + table.BEGIN)
                    table.write_table(page, saved)
                """
        )
        #expect(result.output == "True False True True\n", "\(result)")
        #expect(result.exitCode == 1 && result.errors.contains("has no place for the table"))
        let readme = try String(contentsOf: BuiltProducts.repository.appending(path: "README.md"), encoding: .utf8)
        let marks = try python("print(table.BEGIN, table.END, sep='\\n', end='')").output.split(separator: "\n")
        #expect(marks.count == 2 && marks.allSatisfy { readme.contains($0) })
    }

    @Test func figuresAreSavedWithWhatTheyAreMadeOfAndReplaceOlderOnes() throws {
        let result = try python(
            """
            import json, pathlib, tempfile
            def method():
                '''How it
                is done.'''
            with tempfile.TemporaryDirectory() as folder:
                saved.SAVED = pathlib.Path(folder) / "below" / "measure.json"
                figures = [judging.Figure("a", 1.5, ours=[3], theirs=[2], compared_with="x"), ("b", None)]
                saved.save(method, figures, "abc")
                saved.save(method, figures[:1] + [("b", 2)], "abd")
                figures = json.loads(saved.SAVED.read_text())["figures"]
                print(figures["a"]["value"], figures["a"]["ours"], figures["a"]["method"], figures["b"]["value"])
                print(sorted(figures["b"]), figures["b"]["commit"])
            """
        )
        let members = "['commit', 'machine', 'measure', 'measured_at', 'method', 'value']"
        #expect(result.output == "1.5 [3] How it is done. 2\n\(members) abd\n", "\(result)")
    }

    @Test func everyFigureOfTheTableIsMeasured() throws {
        let result = try python(
            """
            import pathlib
            for module in figures.MODULES:
                source = pathlib.Path(module.__file__).read_text()
                measured = source[:source.index("TITLES = {")]
                literal = lambda name: any(part in measured for part in (f'"{name}"', f"def {name}("))
                print(*[name for name in module.TITLES if not literal(name)])
            """
        )
        // Its second figure has a name that is put together.
        #expect(result.output.split(separator: "\n") == ["verify_hot_vs_redis_without_claims"], "\(result)")
    }

    @Test func anUnknownNameIsWrongUsage() throws {
        let script = BuiltProducts.repository.appendingPathComponent("Tools/measure")
        for arguments in [["nothing"], ["--quick", "nothing"], ["--table", "a", "b"]] {
            #expect(try run(script, arguments).exitCode == 2)
        }
    }
}
