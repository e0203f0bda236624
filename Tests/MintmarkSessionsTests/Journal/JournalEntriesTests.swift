import Testing

@testable import MintmarkSessions

@Suite struct JournalEntriesTests {
    /// The events of a plaintext with their numbers.
    private func events(
        in plaintext: [UInt8],
        firstLSN: UInt64 = 1,
        count: Int
    ) throws(StorageFormatFault) -> [UInt64: [UInt8]] {
        var events: [UInt64: [UInt8]] = [:]
        try JournalEntries.forEach(in: plaintext.span.bytes, firstLSN: LogSequenceNumber(firstLSN), count: count) {
            (event, lsn) throws(StorageFormatFault) in
            events[lsn.rawValue] = [UInt8](event)
        }
        return events
    }

    private func isRefused(_ plaintext: [UInt8], firstLSN: UInt64 = 1, count: Int) -> Bool {
        do throws(StorageFormatFault) {
            _ = try events(in: plaintext, firstLSN: firstLSN, count: count)
            return false
        } catch {
            return error.isContradiction
        }
    }

    @Test func eventsComeBackWithTheirNumbers() throws {
        var entries = JournalEntries()
        #expect(entries.isEmpty)
        for (lsn, event) in [(7, [1]), (8, [2, 2]), (300, [3, 3, 3])] as [(UInt64, [UInt8])] {
            entries.append(event.span.bytes, at: LogSequenceNumber(lsn))
        }
        #expect(entries.bytes == [0, 1, 1, 1, 2, 2, 2, 0xA4, 2, 3, 3, 3, 3])
        #expect(entries.count == 3)
        #expect(entries.firstLSN == LogSequenceNumber(7))
        #expect(entries.lastLSN == LogSequenceNumber(300))
        #expect(try events(in: entries.bytes, firstLSN: 7, count: 3) == [7: [1], 8: [2, 2], 300: [3, 3, 3]])
        entries.removeAll()
        #expect(entries.isEmpty)
        #expect(entries.lastLSN == .zero)
    }

    @Test(arguments: 0...7)
    func upToSevenZerosMayFollow(count: Int) throws {
        #expect(try events(in: [0, 1, 9] + Array(repeating: 0, count: count), count: 1) == [1: [9]])
    }

    @Test func whatIsNotAsTheHeaderSaysIsRefused() {
        let two: [UInt8] = [0, 1, 8, 1, 1, 9]
        #expect(!isRefused(two, count: 2))
        #expect(isRefused(two, count: 1), "more events than the header says")
        #expect(isRefused(two, count: 3), "fewer events than the header says")
        #expect(isRefused(two, count: .max))
        #expect(isRefused(two + Array(repeating: 0, count: 8), count: 2), "eight zeros")
        #expect(isRefused(two + [0, 0, 1], count: 2), "no zero behind the events")
        #expect(isRefused([1, 1, 8], count: 1), "the first step is zero")
        #expect(isRefused([0, 1, 8, 0, 1, 9], count: 2), "the others are not")
        #expect(isRefused([0, 0], count: 1), "an empty event")
        #expect(isRefused([0, 2, 8], count: 1), "an event that ends behind the plaintext")
        #expect(isRefused([0, 0x81, 0x00, 8], count: 1), "a length longer than need be")
        for count in 1..<two.count where count != 3 {
            #expect(isRefused(Array(two.prefix(count)), count: 2), "\(count) bytes")
        }
    }

    @Test(arguments: [-1, 0, 1])
    func theLongestEvent(difference: Int) {
        let byteCount = JournalEntries.eventByteCountMax + difference
        var plaintext: [UInt8] = [0]
        LEB128.append(UInt64(byteCount), to: &plaintext)
        plaintext.append(contentsOf: repeatElement(1, count: byteCount))
        #expect(isRefused(plaintext, count: 1) == (difference > 0))
    }

    @Test(arguments: [-1, 0, 1])
    func theGreatestNumber(difference: Int) {
        var plaintext: [UInt8] = [0, 1, 9]
        LEB128.append(UInt64(10 + difference), to: &plaintext)
        plaintext += [1, 9]
        let firstLSN = LogSequenceNumber.max.rawValue - 10
        #expect(isRefused(plaintext, firstLSN: firstLSN, count: 2) == (difference > 0))
        var overflowing: [UInt8] = [0, 1, 9]
        LEB128.append(.max, to: &overflowing)
        #expect(isRefused(overflowing + [1, 9], firstLSN: firstLSN, count: 2))
    }

    @Test func impossibleEventsAreAProgrammersError() async {
        await #expect(processExitsWith: .failure) { JournalEntriesTests.append(byteCount: 0, at: [1]) }
        await #expect(processExitsWith: .failure) {
            JournalEntriesTests.append(byteCount: JournalEntries.eventByteCountMax + 1, at: [1])
        }
        await #expect(processExitsWith: .failure) { JournalEntriesTests.append(byteCount: 1, at: [0]) }
        await #expect(processExitsWith: .failure) { JournalEntriesTests.append(byteCount: 1, at: [2, 2]) }
        Self.append(byteCount: JournalEntries.eventByteCountMax, at: [1, 2])
    }

    private static func append(byteCount: Int, at lsns: [UInt64]) {
        let event = [UInt8](repeating: 1, count: byteCount)
        var entries = JournalEntries()
        for lsn in lsns {
            entries.append(event.span.bytes, at: LogSequenceNumber(lsn))
        }
    }
}
