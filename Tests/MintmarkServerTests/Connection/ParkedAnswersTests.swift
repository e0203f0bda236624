import MintmarkSessions
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkServer

@Suite struct ParkedAnswersTests {
    private typealias Parked = ParkedAnswers<LogSequenceNumber>

    private func lsn(_ number: UInt64) -> LogSequenceNumber { LogSequenceNumber(number) }

    @Test func onlyWhatIsDurableIsReleased() {
        var parked = Parked()
        parked.park([1], requestID: 1, until: lsn(10))
        parked.park([2], requestID: 2, until: lsn(11))
        parked.park([3], requestID: 3, until: lsn(12))
        #expect(parked.release(through: lsn(9)).isEmpty)
        #expect(parked.release(through: lsn(11)).contents == [[1], [2]])
        #expect(!parked.isEmpty)
        #expect(parked.byteCount == 1)
        #expect(parked.release(through: lsn(12)).contents == [[3]])
        #expect(parked.isEmpty)
        #expect(parked.byteCount == 0)
    }

    private func park(_ count: Int, byteCount: Int, in parked: inout Parked) {
        for number in 1...count {
            parked.park([UInt8](repeating: 1, count: byteCount), requestID: UInt32(number), until: lsn(1))
        }
    }

    /// No burst copies what is parked again and again as it grows, and none holds more than the last one needed.
    @Test func asMuchIsHeldReadyAsWasParkedLast() {
        var parked = Parked()
        park(20, byteCount: 1_000, in: &parked)
        #expect(parked.release(through: lsn(1)).count == 20)
        #expect(parked.heldByteCount == 0)
        // Nothing is no burst.
        #expect(parked.release().isEmpty)
        parked.park([1], requestID: 1, until: lsn(2))
        #expect(parked.heldByteCount >= 20_000 + 20 * MemoryLayout<Parked.Entry>.stride)
        #expect(parked.release(through: lsn(2)).contents == [[1]])
        parked.park([1], requestID: 1, until: lsn(3))
        #expect((1..<4_096).contains(parked.heldByteCount))
    }

    /// Else connections that each held much at some time would seem to hold too much together.
    @Test(arguments: [(1_000, 1_000), (1, 1 << 20)])
    func whatIsHeldReadyIsBounded(count: Int, byteCount: Int) {
        var parked = Parked()
        park(count, byteCount: byteCount, in: &parked)
        #expect(parked.release(through: lsn(1)).count == count)
        parked.park([1], requestID: 1, until: lsn(2))
        let bound = Parked.usualByteCountMax + Parked.usualCountMax * MemoryLayout<Parked.Entry>.stride
        // Arrays round up what they are asked for.
        #expect(parked.heldByteCount < bound + bound / 4)
    }

    @Test func equalNumbersKeepTheirOrder() {
        var parked = Parked()
        parked.park([1], requestID: 1, until: lsn(5))
        parked.park([2], requestID: 2, until: lsn(5))
        parked.park([3], requestID: 3, until: lsn(4))
        #expect(parked.release(through: lsn(4)).contents == [[3]])
        #expect(parked.release(through: lsn(5)).contents == [[1], [2]])
    }

    /// Where it can be: only answers, all of them, in the order of their bytes.
    @Test func answersAreGivenAwayInOnePieceWhereTheyAreOne() {
        var parked = Parked()
        parked.park([1, 2], requestID: 1, until: lsn(5))
        parked.park([3], requestID: 2, until: lsn(6))
        var released = parked.release(through: lsn(6))
        #expect(released.takeOutput() == [1, 2, 3])
        #expect(Array(released.origins).count == 2)
        // What waits for something that came earlier goes first.
        parked.park([1], requestID: 1, until: lsn(8))
        parked.park([2], requestID: 2, until: lsn(7))
        released = parked.release(through: lsn(8))
        #expect(released.takeOutput() == nil)
        #expect(released.contents == [[2], [1]])
        // Others still wait.
        parked.park([1], requestID: 1, until: lsn(9))
        parked.park([2], requestID: 2, until: lsn(10))
        released = parked.release(through: lsn(9))
        #expect(released.takeOutput() == nil)
        #expect(released.contents == [[1]])
        released = parked.release(through: lsn(10))
        #expect(released.takeOutput() == [2])
        // A request is no answer.
        parked.park([1], requestID: 1, until: lsn(11))
        let header = FrameHeader(kindByte: 3, requestID: 9)
        parked.park(([2] as [UInt8]).span.bytes, request: header, requestID: 9, until: lsn(11))
        released = parked.release(through: lsn(11))
        #expect(released.takeOutput() == nil)
        #expect(released.contents == [[1], [2]])
        // Nothing of that is left.
        parked.park([4], requestID: 1, until: lsn(12))
        released = parked.release()
        #expect(released.takeOutput() == [4])
    }

    @Test func abandonedAnswersTellTheirRequests() {
        var parked = Parked()
        parked.park([1], requestID: 7, until: lsn(5))
        parked.park([2], requestID: 8, until: lsn(6))
        #expect(parked.release().requestIDs == [7, 8])
        #expect(parked.isEmpty)
        #expect(parked.byteCount == 0)
    }

    @Test func abandonedAnswersLeaveTheLaterOnesParked() {
        var parked = Parked()
        parked.park([1], requestID: 7, until: lsn(5))
        parked.park([2], requestID: 8, until: lsn(6))
        parked.park([3], requestID: 9, until: lsn(7))
        #expect(parked.release(through: lsn(4)).isEmpty)
        #expect(parked.release(through: lsn(6)).requestIDs == [7, 8])
        #expect(parked.release(through: lsn(7)).contents == [[3]])
        #expect(parked.isEmpty)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func randomOrderIsReleasedInNumberOrder(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var parked = Parked()
        let numbers = (0..<200).map { _ in UInt8.random(in: 1...50, using: &random) }
        for number in numbers {
            parked.park([number], requestID: 1, until: lsn(UInt64(number)))
        }
        var released: [UInt8] = []
        for bound in stride(from: UInt64(0), through: 50, by: 7) {
            for frame in parked.release(through: lsn(bound)).contents {
                released += frame
            }
            #expect(released == numbers.filter { $0 <= bound }.sorted())
        }
    }

    @Test func requestKeepsItsHeaderWhenSomethingBeforeItIsReleased() {
        let header = FrameHeader(kindByte: 3, requestID: 9)
        var parked = Parked()
        parked.park([1, 2], requestID: 8, until: lsn(5))
        parked.park(([3, 4, 5] as [UInt8]).span.bytes, request: header, requestID: 9, until: lsn(6))
        #expect(parked.release(through: lsn(5)).contents == [[1, 2]])
        #expect(parked.byteCount == 3)
        parked.release(through: lsn(6)).forEach { request, _, bytes in
            #expect(request == header)
            #expect(bytes.withUnsafeBytes { Array($0) } == [3, 4, 5])
        }
    }
}

extension ParkedAnswers {
    fileprivate mutating func park(_ content: [UInt8], requestID: UInt32, until number: Number) {
        park(content.span.bytes, requestID: requestID, until: number)
    }
}

extension ParkedAnswers.Released {
    fileprivate var contents: [[UInt8]] {
        var contents: [[UInt8]] = []
        forEach { _, _, bytes in contents.append(bytes.withUnsafeBytes { Array($0) }) }
        return contents
    }
}
