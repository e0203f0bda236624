import Glibc
import Logging
import Testing

@testable import MintmarkServer

/// Nobody waits for long for whoever reads the log.
@Suite struct LogOutputTests {
    /// A pipe that holds four pages.
    private final class Pipe {
        let reader: Int32
        let writer: Int32

        init() {
            var ends: [Int32] = [-1, -1]
            pipe(&ends)
            (reader, writer) = (ends[0], ends[1])
            // F_SETPIPE_SZ of <linux/fcntl.h>.
            _ = fcntl(writer, 1031, 4 * page)
            _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        }

        deinit {
            close(reader)
            close(writer)
        }

        /// All that is there.
        func read() -> String {
            var text: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = Glibc.read(reader, &buffer, buffer.count), count > 0 { text += buffer.prefix(count) }
            return String(decoding: text, as: UTF8.self)
        }
    }

    private static let page: Int32 = 4_096
    /// A line that fills one.
    private static let line = String(repeating: "x", count: Int(page) - 1) + "\n"

    private static func notice(_ count: Int) -> String { "\(count) lost\n" }

    @Test func whatIsNotTakenIsCountedAndTold() {
        let pipe = Pipe()
        var output = LogOutput(pipe.writer)
        for _ in 0..<4 { output.write(Self.line, lost: Self.notice) }
        #expect(output.lostCount == 0)
        for _ in 0..<3 { output.write(Self.line, lost: Self.notice) }
        #expect(output.lostCount == 3)
        #expect(pipe.read() == String(repeating: Self.line, count: 4))
        output.write("y\n", lost: Self.notice)
        output.write("z\n", lost: Self.notice)
        #expect(output.lostCount == 0)
        #expect(pipe.read() == "3 lost\ny\nz\n")
    }

    /// One line waits for its patience, and none behind it.
    @Test func onlyTheFirstLineWaits() {
        let pipe = Pipe()
        var output = LogOutput(pipe.writer)
        for _ in 0..<4 { output.write(Self.line, lost: Self.notice) }
        let clock = ContinuousClock()
        let duration = clock.measure {
            for _ in 0..<1_000 { output.write("x\n", lost: Self.notice) }
        }
        #expect(output.lostCount == 1_000)
        #expect(duration >= .milliseconds(LogOutput.patienceMilliseconds))
        #expect(duration < .milliseconds(LogOutput.patienceMilliseconds) * 50)
    }

    /// A line that was cut is ended before the next one begins.
    @Test func aLineThatWasCutIsEnded() {
        let pipe = Pipe()
        var output = LogOutput(pipe.writer)
        for _ in 0..<3 { output.write(Self.line, lost: Self.notice) }
        output.write(String(repeating: "x", count: 6_000) + "\n", lost: Self.notice)
        #expect(output.lostCount == 1)
        #expect(pipe.read() == String(repeating: Self.line, count: 3) + String(repeating: "x", count: Int(Self.page)))
        output.write("y\n", lost: Self.notice)
        #expect(pipe.read() == "\n1 lost\ny\n")
    }

    @Test func longLinesAreWrittenWhole() {
        let pipe = Pipe()
        var output = LogOutput(pipe.writer)
        let line = String(repeating: "x", count: 16_000) + "\n"
        output.write(line, lost: Self.notice)
        #expect(pipe.read() == line)
    }

    /// A descriptor that is no place to write to: that cannot be told.
    @Test func whatCannotBeWrittenIsNotCounted() throws {
        let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var output = LogOutput(descriptor)
        output.write("x\n", lost: Self.notice)
        #expect(output.lostCount == 0)
    }
}
