import MintmarkEngine
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkServer

/// Lines come whole and in order, whatever befalls their file.
@Suite struct AuditWriterTests {
    private let disk = StepSink()

    private func writer() -> AuditWriter {
        AuditWriter(sink: disk, open: { [disk] () throws(AuditFault) in try disk.opened() })
    }

    private func add(_ subject: String, to writer: inout AuditWriter, synchronizes: Bool = false) {
        var event = AuditEvent(.sessionOpened)
        event.subject = Array(subject.utf8)
        writer.add(event, wallMilliseconds: 1_800_000_000_123, synchronizes: synchronizes)
    }

    private func line(_ subject: String) -> String {
        #"{"time":"2027-01-15T08:00:00.123Z","event":"session_opened","subject":"\#(subject)"}"# + "\n"
    }

    @Test func linesAreAppendedInOrder() throws {
        var writer = writer()
        add("a", to: &writer)
        add("b", to: &writer)
        try writer.flush()
        add("c", to: &writer)
        try writer.flush()
        #expect(disk.files == [line("a") + line("b") + line("c")])
        #expect(!writer.hasPending)
    }

    /// A full disk takes a part of a line; the rest follows when there is room.
    @Test func lineThatWasCutOffIsCompleted() throws {
        for room in 0...(line("a") + line("b")).utf8.count {
            let disk = StepSink()
            var writer = AuditWriter(sink: disk, open: { () throws(AuditFault) in try disk.opened() })
            add("a", to: &writer)
            add("b", to: &writer)
            disk.room = room
            if room < line("a").utf8.count * 2 {
                #expect(throws: StepSink.full) { try writer.flush() }
                #expect(writer.hasPending)
            }
            disk.room = nil
            try writer.flush()
            #expect(disk.files == [line("a") + line("b")], "\(room)")
        }
    }

    /// In another file a half line is of no use: it is written again as a whole.
    @Test(arguments: [false, true])
    func lineThatWasCutOffIsWholeInTheNextFile(isDeleted: Bool) throws {
        var writer = writer()
        add("a", to: &writer)
        add("b", to: &writer)
        disk.room = line("a").utf8.count + 5
        #expect(throws: StepSink.full) { try writer.flush() }
        disk.room = nil
        if isDeleted {
            disk.isLinked = false
        } else {
            try writer.reopen()
        }
        try writer.flush()
        #expect(disk.files == [line("a") + String(line("b").prefix(5)), line("b")])
    }

    @Test func deletedFileIsMadeAnew() throws {
        var writer = writer()
        add("a", to: &writer)
        try writer.flush()
        disk.isLinked = false
        add("b", to: &writer)
        try writer.flush()
        #expect(disk.files == [line("a"), line("b")])
    }

    @Test func whatCannotBeOpenedAgainIsTriedAgain() throws {
        var writer = writer()
        disk.canOpen = false
        #expect(throws: StepSink.unopenable) { try writer.reopen() }
        add("a", to: &writer)
        #expect(throws: StepSink.unopenable) { try writer.flush() }
        disk.canOpen = true
        try writer.flush()
        #expect(disk.files == ["", line("a")])
    }

    @Test func diskIsMadeToKeepWhatMustBeKept() throws {
        var writer = writer()
        add("a", to: &writer)
        try writer.flush()
        #expect(disk.synchronizedCount == 0)
        add("b", to: &writer, synchronizes: true)
        disk.room = 5
        #expect(throws: StepSink.full) { try writer.flush() }
        disk.room = nil
        try writer.flush()
        #expect(disk.synchronizedCount == 1, "owed since the flush that failed")
        try writer.flush()
        #expect(disk.synchronizedCount == 1)
    }

    @Test func lineIsOneStrictObjectWhateverIsInIt() {
        var event = AuditEvent(.callerRefused)
        event.clientID = Array("a\"\n\\".utf8)
        event.peer = "127.0.0.1:1"
        event.subject = Array("\u{1}\u{7F}\u{85}é\u{2028}".utf8)
        event.reason = "AUTH_FAILED"
        event.facts = [AuditEvent.Fact("key", "}\r\n{")]
        var bytes: [UInt8] = []
        AuditLine.append(event, wallMilliseconds: 0, to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(
            text
                == #"{"time":"1970-01-01T00:00:00.000Z","event":"caller_refused","client":"a\"\u000a\\","#
                + #""peer":"127.0.0.1:1","subject":"\u0001\u007f\u0085é"# + "\u{2028}"
                + #"","reason":"AUTH_FAILED","key":"}\u000d\u000a{"}"# + "\n"
        )
    }
}

/// Files that fill up, disappear and cannot be opened, as the test says.
final class StepSink: AuditSink {
    static let full = AuditFault.system(path: "log", call: "write", code: 28)
    static let unopenable = AuditFault.system(path: "log", call: "open", code: 2)

    private struct State {
        var files: [[UInt8]] = [[]]
        var room: Int?
        var isLinked = true
        var canOpen = true
        var synchronizedCount = 0
    }

    private let state = NIOLockedValueBox(State())

    /// What each file holds, the newest last.
    var files: [String] { state.withLockedValue { $0.files.map { String(decoding: $0, as: UTF8.self) } } }

    /// Bytes that the disk takes; nil: any number.
    var room: Int? {
        get { state.withLockedValue(\.room) }
        set { state.withLockedValue { $0.room = newValue } }
    }

    var isLinked: Bool {
        get { state.withLockedValue(\.isLinked) }
        set { state.withLockedValue { $0.isLinked = newValue } }
    }

    var canOpen: Bool {
        get { state.withLockedValue(\.canOpen) }
        set { state.withLockedValue { $0.canOpen = newValue } }
    }

    var synchronizedCount: Int { state.withLockedValue(\.synchronizedCount) }

    func opened() throws(AuditFault) -> any AuditSink {
        guard canOpen else { throw Self.unopenable }
        state.withLockedValue { state in
            state.files.append([])
            state.isLinked = true
        }
        return self
    }

    func append(_ bytes: RawSpan) throws(AuditFault) -> Int {
        let bytes = bytes.withUnsafeBytes { Array($0) }
        let count = state.withLockedValue { state in
            let count = min(bytes.count, state.room ?? .max)
            state.room = state.room.map { $0 - count }
            state.files[state.files.count - 1] += bytes[..<count]
            return count
        }
        guard count > 0 else { throw Self.full }
        return count
    }

    private let gate = NIOLock()

    /// Lets whoever synchronizes wait, until `letGo`.
    func hold() { gate.lock() }
    func letGo() { gate.unlock() }

    func synchronize() throws(AuditFault) {
        gate.withLock {}
        state.withLockedValue { $0.synchronizedCount += 1 }
    }
}
