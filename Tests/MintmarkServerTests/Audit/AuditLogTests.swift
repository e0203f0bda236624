import Foundation
import MintmarkEngine
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkServer

/// Nobody who records an event waits, nothing grows without bound, and what is lost is told.
@Suite struct AuditLogTests {
    private let disk = StepSink()
    private let second = NIOLockedValueBox<UInt64>(1_800_000_000)
    /// Waits for its disk for as long as a busy machine takes.
    private let log: AuditLog

    init() {
        log = AuditLog(commitMillisecondsMax: 60_000) { [second] in second.withLockedValue { $0 } * 1_000 }
    }

    private func start(_ changed: @escaping @Sendable (AuditFault?) -> Void = { _ in }) {
        log.start(disk, open: { [disk] () throws(AuditFault) in try disk.opened() }, changed: changed)
    }

    private func event(_ name: AuditEvent.Name, padding: Int = 0) -> AuditEvent {
        var event = AuditEvent(name)
        event.subject = [UInt8](repeating: UInt8(ascii: "x"), count: padding)
        return event
    }

    private var lines: [Substring] { disk.files.flatMap { $0.split(separator: "\n") } }

    private func await(_ condition: @Sendable () -> Bool) throws {
        let end = Date(timeIntervalSinceNow: 60)
        while !condition() {
            try #require(Date() < end, "it never came")
            // The log's own thread tells nobody that it is done with a line.
            usleep(1_000)
        }
    }

    @Test func everythingIsWrittenBeforeItStops() async {
        start()
        for _ in 0..<1_000 { log.record(event(.sessionOpened)) }
        #expect(await log.stop() == nil)
        #expect(lines.count == 1_000)
        #expect(log.recordedCount == 1_000)
        #expect(log.lostCount == 0)
        #expect(disk.synchronizedCount == 0)
    }

    @Test func diskKeepsWhatAdministratorsDo() async throws {
        start()
        log.record(event(.rotationForced))
        try self.await { disk.synchronizedCount > 0 }
        await log.stop()
    }

    /// What any caller can bring about is not synced, and fills its own part of the queue only.
    @Test func revocationsOfOthersAreNoAdministration() async {
        var own = event(.revoked, padding: 1_000)
        let kept = AuditLog.callersQueuedBytesMax / own.byteCount
        for _ in 0..<kept + 1 { log.record(own) }
        #expect(log.recordedCount == kept)
        #expect(log.isWritable)
        own.isByAdministrator = true
        log.record(own)
        #expect(log.recordedCount == kept + 1)
        start()
        await log.stop()
        #expect(disk.synchronizedCount == 1)
    }

    // MARK: What is about to be done

    @Test func whatIsCommittedIsOnTheDisk() async {
        start()
        for count in 1...20 {
            #expect(log.commit(event(.operationBegun)))
            #expect(lines.count == count)
            #expect(disk.synchronizedCount == count)
        }
        await log.stop()
    }

    /// The first event that does not fit is found out before anything is done; not by the one behind it.
    @Test func nothingIsCommittedToAFullDisk() async throws {
        start()
        #expect(log.commit(event(.operationBegun)))
        disk.room = lines.joined().utf8.count + 10
        let outcomes = (0..<20).map { _ in log.commit(event(.operationBegun)) }
        #expect(outcomes == [true] + Array(repeating: false, count: 19))
        #expect(!log.isWritable)
        disk.room = nil
        log.reopen()
        try self.await { log.isWritable }
        #expect(log.commit(event(.operationBegun)))
        await log.stop()
    }

    /// A disk that hangs makes an event loop wait once, and for a bounded time.
    @Test func whoCommitsWaitsForABoundedTime() async throws {
        let log = AuditLog()
        disk.hold()
        log.start(disk, open: { [disk] () throws(AuditFault) in try disk.opened() }, changed: { _ in })
        #expect(!log.commit(event(.operationBegun)))
        #expect(!log.isWritable)
        disk.letGo()
        try self.await { log.isWritable }
        log.record(event(.rotationForced))
        try self.await { disk.synchronizedCount > 1 }
        await log.stop()
        #expect(!log.commit(event(.operationBegun)), "nobody writes any more")
    }

    @Test func nothingIsCommittedToAFullQueue() async {
        let size = event(.rotationForced, padding: 1_000).byteCount
        for _ in 0..<AuditLog.queuedBytesMax / size { log.record(event(.rotationForced, padding: 1_000)) }
        #expect(!log.commit(event(.operationBegun, padding: 1_000)))
        #expect(!log.isWritable)
        start()
        await log.stop()
    }

    @Test func fullDiskIsToldAndNothingIsLost() async throws {
        let faults = NIOLockedValueBox<[AuditFault?]>([])
        start { fault in faults.withLockedValue { $0.append(fault) } }
        disk.room = 10
        log.record(event(.sessionOpened))
        try self.await { !log.isWritable }
        log.record(event(.sessionOpened))
        disk.room = nil
        log.reopen()
        try self.await { log.isWritable }
        await log.stop()
        #expect(faults.withLockedValue { $0 } == [StepSink.full, nil])
        #expect(log.failureCount == 1)
        #expect(log.lostCount == 0)
        // In the old file or in the new one, both are there as a whole.
        #expect(lines.filter { $0.hasPrefix("{") && $0.hasSuffix("}") }.count == 2)
    }

    /// Callers fill a part of the queue; the rest is for administrators.
    @Test func queueIsBoundedAndTellsWhatIsMissing() async {
        let size = event(.sessionOpened, padding: 1_000).byteCount
        let kept = AuditLog.callersQueuedBytesMax / size
        for _ in 0..<kept + 5 { log.record(event(.sessionOpened, padding: 1_000)) }
        #expect(log.recordedCount == kept)
        #expect(log.lostCount == 5)
        #expect(log.isWritable, "there is room for administrators")
        let administrative = (AuditLog.queuedBytesMax - kept * size) / size
        for _ in 0..<administrative { log.record(event(.rotationForced, padding: 1_000)) }
        #expect(log.isWritable)
        log.record(event(.rotationForced, padding: 1_000))
        #expect(!log.isWritable)
        #expect(log.lostCount == 6)
        start()
        await log.stop()
        #expect(lines.count == kept + administrative + 1)
        #expect(lines.last?.contains(#""event":"events_lost","count":6"#) == true)
        #expect(log.isWritable)
    }

    private func refusal(_ reason: String, _ name: AuditEvent.Name = .callerRefused) -> AuditEvent {
        var event = event(name)
        event.reason = reason
        return event
    }

    /// Nobody who is turned away again and again fills the disk with it.
    @Test(arguments: [AuditEvent.Name.callerRefused, .operationRefused], [-1, 0, 1])
    func refusalsAreBoundedInTime(name: AuditEvent.Name, excess: Int) async {
        for _ in 0..<2 {
            for _ in 0..<RefusalBudget.perSecondMax + excess { log.record(refusal("admin", name)) }
            second.withLockedValue { $0 += 1 }
        }
        start()
        await log.stop()
        let told = RefusalBudget.perSecondMax + min(0, excess)
        #expect(lines.filter { $0.contains(#""event":"\#(name.rawValue)""#) }.count == 2 * told)
        let leftOut = lines.filter { $0.contains(#""event":"refusals_left_out","reason":"admin","count":1"#) }
        #expect(leftOut.count == (excess > 0 ? 2 : 0))
        #expect(lines.count == 2 * told + leftOut.count)
        #expect(log.isWritable)
        #expect(log.lostCount == 0)
    }

    /// A flood of one kind hides no other.
    @Test func eachReasonHasItsOwnBound() async {
        for _ in 0..<1_000 { log.record(refusal("tls_plaintext")) }
        log.record(refusal("signature_invalid"))
        log.record(refusal("admin", .operationRefused))
        log.record(event(.callerGone))
        second.withLockedValue { $0 += 1 }
        log.record(event(.sessionOpened))
        start()
        await log.stop()
        let rest = lines.drop { $0.contains("tls_plaintext") && $0.contains("caller_refused") }
        #expect(lines.count - rest.count == RefusalBudget.perSecondMax)
        let words = ["signature_invalid", "operation_refused", "caller_gone", "refusals_left_out", "session_opened"]
        #expect(rest.count == words.count)
        #expect(zip(rest, words).allSatisfy { $0.contains($1) })
        #expect(rest.dropFirst(3).first?.contains(#""count":980"#) == true)
    }

    /// What was left out is told when its second is over, though nothing else happens.
    @Test func whatWasLeftOutIsToldWithoutAnotherEvent() async throws {
        start()
        for _ in 0..<RefusalBudget.perSecondMax { log.record(refusal("tls_plaintext")) }
        try self.await { lines.count == RefusalBudget.perSecondMax }
        // From here on nothing wakes the thread but the time.
        for _ in 0..<5 { log.record(refusal("tls_plaintext")) }
        second.withLockedValue { $0 += 1 }
        try self.await { lines.last?.contains(#""event":"refusals_left_out""#) == true }
        #expect(lines.last?.contains(#""reason":"tls_plaintext","count":5"#) == true)
        await log.stop()
        #expect(lines.count == RefusalBudget.perSecondMax + 1)
    }

    /// Event loops read the clock before they wait for one another.
    @Test func clockThatWasReadBeforeTheSecondEndedChangesNothing() async {
        let (earlier, later) = (second.withLockedValue { $0 }, second.withLockedValue { $0 + 1 })
        for round in 0..<RefusalBudget.perSecondMax {
            second.withLockedValue { $0 = round.isMultiple(of: 2) ? later : earlier }
            log.record(refusal("tls_plaintext"))
        }
        log.record(refusal("tls_plaintext"))
        start()
        await log.stop()
        #expect(lines.count == RefusalBudget.perSecondMax + 1)
    }

    @Test func fileIsOpenedAgainWhenAskedFor() async throws {
        start()
        log.record(event(.sessionOpened))
        try self.await { lines.count == 1 }
        log.reopen()
        try self.await { disk.files.count == 2 }
        log.record(event(.sessionOpened))
        await log.stop()
        #expect(disk.files.map { $0.split(separator: "\n").count } == [1, 1])
    }

    /// What cannot be written does not keep the server from ending, and is told.
    @Test func stopDoesNotWaitForADiskThatFails() async {
        disk.room = 0
        start()
        log.record(event(.stopped))
        #expect(await log.stop() != nil)
        #expect(lines.isEmpty)
    }
}
