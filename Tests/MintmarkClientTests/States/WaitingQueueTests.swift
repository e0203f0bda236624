import MintmarkTestSupport
import Testing

@testable import MintmarkClient

@Suite("Waiting queue")
struct WaitingQueueTests {
    @Test("the queue behaves like two arrays", arguments: [1, 2, 3] as [UInt64])
    func model(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = WaitingQueue()
        var resumed: [CallID] = []
        var fresh: [CallID] = []
        for slot in 0..<20_000 {
            let call = CallID(slot: slot, serial: 0)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0..<3:
                queue.append(call)
                fresh.append(call)
            case 3:
                queue.resume(call)
                resumed.append(call)
            case 4..<6:
                guard let leaving = (resumed + fresh).randomElement(using: &generator) else { continue }
                queue.remove(leaving)
                resumed.removeAll { $0 == leaving }
                fresh.removeAll { $0 == leaving }
            default:
                let expected = resumed.isEmpty ? (fresh.isEmpty ? nil : fresh.removeFirst()) : resumed.removeFirst()
                #expect(queue.popFirst() == expected)
            }
            #expect(queue.count == resumed.count + fresh.count)
        }
        #expect(queue.removeAll() == resumed + fresh)
        #expect(queue.isEmpty)
    }
}

@Suite("Back-off")
struct BackoffTests {
    @Test(
        "the span doubles up to the greatest",
        arguments: [(0, 50), (1, 50), (2, 100), (3, 200), (7, 3_200), (8, 5_000), (64, 5_000), (1_000, 5_000)]
    )
    func spans(_ failures: Int, _ expected: Int) {
        let backoff = Backoff(initialNanoseconds: 50, maxNanoseconds: 5_000)
        #expect(backoff.span(afterFailures: failures) == UInt64(expected))
    }

    @Test("the pause lies between one half and the whole of the span", arguments: [1, 2, 3] as [UInt64])
    func jitter(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let backoff = Backoff(initialNanoseconds: 101, maxNanoseconds: 5_000)
        let pauses = (0..<1_000).map { _ in backoff.nanoseconds(afterFailures: 1, using: &generator) }
        #expect(pauses.allSatisfy { (50...101).contains($0) })
        #expect(Set(pauses).count > 20)
    }

    @Test("no pause is a pause too")
    func zero() {
        var generator = SeededGenerator(seed: 1)
        let backoff = Backoff(initialNanoseconds: 0, maxNanoseconds: 10)
        #expect(backoff.nanoseconds(afterFailures: 9, using: &generator) == 0)
    }
}

@Suite("Durations")
struct DurationTests {
    @Test(
        "durations in nanoseconds are clamped",
        arguments: [
            (.seconds(-1), 0), (.zero, 0), (.nanoseconds(1), 1), (.milliseconds(1_500), 1_500_000_000),
            (.seconds(Int64.max), .max),
        ] as [(Duration, UInt64)]
    )
    func nanoseconds(_ duration: Duration, _ expected: UInt64) {
        #expect(duration.nanoseconds == expected)
    }

    @Test("time ends and does not wrap")
    func saturation() {
        #expect(Instant(nanoseconds: 5).advanced(byNanoseconds: .max) == Instant(nanoseconds: .max))
    }
}
