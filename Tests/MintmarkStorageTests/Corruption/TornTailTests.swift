import Glibc
import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

@testable import MintmarkStorage

/// What a stop may leave at the end of the last segment: exactly the boxes that are whole come back, and the store goes on.
@Suite struct TornTailTests {
    private let sample = CorruptionSample.shared
    private let name = CorruptionSample.lastSegment

    private func recover(_ bytes: [UInt8]) throws -> (directory: MemoryDirectory, result: Recovery.Result) {
        let directory = MemoryDirectory(sample.files(with: bytes, as: name))
        return (directory, try Recovery.run(directory))
    }

    @Test func theSampleIsWhatItShouldBe() throws {
        let (_, result) = try recover(sample.bytes(name))
        #expect(result.content == sample.checkpoints.last?.content)
        #expect(result.report.cut == nil)
        #expect(result.report.events >= 200)
        #expect(sample.checkpoints.count >= 60)
        #expect(
            Set(sample.files.keys) == [
                "manifest", "snapshot-0000000001", "snapshot-0000000002", "journal-0000000001", "journal-0000000002",
                "journal-0000000003", "store.begun",
            ]
        )
    }

    @Test func everyTruncationLeavesAnExactPrefix() throws {
        let bytes = sample.bytes(name)
        for count in sample.places(in: JournalSegmentHeader.byteCount..<bytes.count, count: 120, seed: 1) {
            let (directory, result) = try recover(Array(bytes.prefix(count)))
            let boxCount = sample.boxCount(before: count)
            let checkpoint = sample.checkpoints[boxCount]
            #expect(result.content == checkpoint.content, "\(count) bytes")
            #expect(directory[name] == Array(bytes.prefix(checkpoint.offset)))
            let rest = count > sample.contentByteCount ? 0 : count - checkpoint.offset
            #expect((result.report.cut?.byteCount ?? 0) <= rest, "\(count) bytes")
            #expect((result.report.cut == nil) == (rest == 0), "\(count) bytes")
        }
    }

    @Test func zerosFromAnywhereOnLeaveAnExactPrefix() throws {
        let bytes = sample.bytes(name)
        for count in sample.places(in: JournalSegmentHeader.byteCount..<sample.contentByteCount, count: 80, seed: 2) {
            let zeros = [UInt8](repeating: 0, count: bytes.count - count)
            let (directory, result) = try recover(bytes.prefix(count) + zeros)
            let checkpoint = sample.checkpoints[sample.boxCount(before: count)]
            #expect(result.content == checkpoint.content, "zeros from \(count) on")
            #expect(directory[name] == Array(bytes.prefix(checkpoint.offset)))
            var kept = Array(bytes[checkpoint.offset..<count])
            while kept.last == 0 {
                kept.removeLast()
            }
            let keptName = "\(name).cut-\(checkpoint.offset)"
            #expect(directory[keptName] == (kept.isEmpty ? nil : kept), "what was cut is kept")
            #expect(result.report.cut?.byteCount == (kept.isEmpty ? nil : kept.count))
        }
    }

    /// Somebody makes room, and the next start works; the end of the segment is still there.
    @Test func whereTheCopyFindsNoRoomNothingOfItStays() throws {
        let bytes = sample.bytes(name)
        let torn = sample.files(with: Array(bytes.prefix(sample.contentByteCount - 1)), as: name)
        let directory = MemoryDirectory(torn)
        directory.fault = { operation, name in operation == .write && name.contains(".cut-") ? ENOSPC : nil }
        let failure = #expect(throws: RecoveryFailure.self) { try Recovery.run(directory) }
        #expect(failure?.mayPass == true)
        #expect(directory.files == torn)
        directory.fault = nil
        #expect(try Recovery.run(directory).report.cut != nil)
    }

    /// Only these may pass by themselves: the rest is for somebody to look at.
    @Test(arguments: [ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EIO, EUCLEAN, EBADMSG, EACCES, EROFS, ELOOP])
    func whatMayPassByItself(code: Int32) {
        let failure = RecoveryFailure(StorageFault(.read, name, code: code))
        #expect(failure.mayPass == [ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM].contains(code))
        #expect(!RecoveryFailure(name, .missing).mayPass)
    }

    /// After a cut the store goes on where it was cut, and what it writes then comes back as well.
    @Test func theStoreGoesOnAfterACut() throws {
        let bytes = sample.bytes(name)
        let step = CorruptionSample.isLong ? 1 : 16
        for index in stride(from: 0, to: sample.checkpoints.count - 1, by: step) {
            let whole = sample.checkpoints[index]
            for count in [whole.offset, (whole.offset + sample.checkpoints[index + 1].offset) / 2] {
                let directory = MemoryDirectory(sample.files(with: Array(bytes.prefix(count)), as: name))
                let fixture = StorageFixture(directory, seed: 5)
                try fixture.start()
                #expect(Set(fixture.records.keys) == Set(whole.content.records.keys))
                let opened = try #require(fixture.open(subject: "one more").granted)
                fixture.work()
                fixture.kill()
                try fixture.start()
                #expect(Set(fixture.records.keys) == Set(whole.content.records.keys).union([opened.sessionID]))
                #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
                fixture.kill()
            }
        }
    }

    // MARK: What else may be at the end

    /// Bytes in place of the zeros behind the last box.
    private func recover(withTail tail: [UInt8]) throws -> (directory: MemoryDirectory, result: Recovery.Result) {
        try recover(Array(sample.bytes(name).prefix(sample.contentByteCount)) + tail)
    }

    @Test(arguments: [1, 7, 8, 9, 119, 120, 121, 4_096])
    func garbageIsCut(byteCount: Int) throws {
        var generator = SeededGenerator(seed: UInt64(byteCount))
        // No zero at the end, which would not be kept.
        let garbage = generator.bytes(count: byteCount - 1) + [1]
        let (directory, result) = try recover(withTail: garbage)
        #expect(result.content == sample.checkpoints.last?.content)
        #expect(directory["\(name).cut-\(sample.contentByteCount)"] == garbage)
        #expect(directory[name]?.count == sample.contentByteCount)
    }

    /// Headers of boxes that claim every kind of length: none is believed.
    @Test(arguments: [0, 1, 119, 120, 128, 1 << 20, 1 << 20 + 8, 1 << 31, .max] as [UInt32])
    func lengthsAreNotBelieved(byteCount: UInt32) throws {
        let header = Array("MMBX".utf8) + withUnsafeBytes(of: byteCount.bigEndian) { Array($0) }
        let tail = header + [UInt8](repeating: 1, count: 200)
        let (_, result) = try recover(withTail: tail)
        #expect(result.content == sample.checkpoints.last?.content)
        #expect(result.report.cut?.byteCount == tail.count)
    }

    @Test func staleBytesOfAnOlderSegmentAreCut() throws {
        let older = sample.bytes(CorruptionSample.firstSegment)
        for stale in [older, Array(older.dropFirst(JournalSegmentHeader.byteCount))] {
            let (_, result) = try recover(withTail: stale)
            #expect(result.content == sample.checkpoints.last?.content)
            #expect(result.report.cut?.offset == sample.contentByteCount)
        }
    }

    /// The segment's own boxes once more: they open, but prove nothing that was not read.
    @Test func boxesWrittenTwiceAreCut() throws {
        let bytes = sample.bytes(name)
        let boxes = bytes[JournalSegmentHeader.byteCount..<sample.contentByteCount]
        let (_, result) = try recover(withTail: Array(boxes))
        #expect(result.content == sample.checkpoints.last?.content)
        #expect(result.report.cut?.byteCount == boxes.count)
    }

    @Test func boxesOfAnotherStoreAreCut() throws {
        let other = try StorageHistory(seed: 2, rounds: 1).directory
        let foreign = try #require(other[name]).dropFirst(JournalSegmentHeader.byteCount)
        let (_, result) = try recover(withTail: Array(foreign))
        #expect(result.content == sample.checkpoints.last?.content)
    }

    /// On a real directory, once each.
    @Test func aRealDirectoryIsCutToo() throws {
        for count in [sample.contentByteCount - 1, sample.checkpoints[20].offset + 50] {
            let place = try TestDirectory()
            let disk = place.open()
            for (name, bytes) in sample.files(with: Array(sample.bytes(name).prefix(count)), as: name) {
                try disk.create(name).writeAll(bytes.span.bytes, at: 0)
            }
            let checkpoint = sample.checkpoints[sample.boxCount(before: count)]
            let result = try Recovery.run(disk)
            #expect(result.content == checkpoint.content)
            #expect(try disk.open(name).byteCount() == checkpoint.offset)
            #expect(try disk.open("\(name).cut-\(checkpoint.offset)").byteCount() > 0)
            #expect(try Recovery.run(disk).report.cut == nil, "what was cut is cut")
        }
    }
}
