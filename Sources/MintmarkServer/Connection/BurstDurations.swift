import MintmarkEngine

/// How long the requests took that a burst has answered: collected while it lasts, and recorded at its end with one reading
/// of the clock. So of many requests in a burst each has the time of all. Confined to its event loop.
final class BurstDurations {
    /// Kinds of requests are below this.
    private static let kindsCount = 32

    private let durations: RequestDurations
    /// How many requests of each kind were answered that the burst is about, and a bit for each kind of which there are any.
    private let counts: UnsafeMutablePointer<UInt32>
    private var kinds: UInt32 = 0
    /// Requests of earlier bursts whose answers leave with this one.
    private var released: [ParkedOrigin] = []

    init(_ durations: RequestDurations) {
        self.durations = durations
        counts = .allocate(capacity: Self.kindsCount)
        counts.initialize(repeating: 0, count: Self.kindsCount)
    }

    deinit {
        counts.deallocate()
    }

    /// The answer to a request of the burst is written, and may leave with it.
    @inline(__always)
    func answered(_ kind: UInt8) {
        // What is no kind of request is no request.
        guard kind < Self.kindsCount else { return }
        counts[Int(kind)] &+= 1
        kinds |= 1 << UInt32(kind)
    }

    /// The answer to a request that was parked is written.
    func released(_ origin: ParkedOrigin) {
        released.append(origin)
    }

    /// The answers are about to be handed to the transport.
    ///
    /// - Parameters:
    ///   - start: when the bytes were read that the burst is about; nanoseconds.
    ///   - now: on the same clock.
    func record(since start: UInt64, now: UInt64) {
        while kinds != 0 {
            let kind = kinds.trailingZeroBitCount
            kinds &= kinds - 1
            durations.record(UInt8(kind), nanoseconds: now &- start, count: UInt64(counts[kind]))
            counts[kind] = 0
        }
        guard !released.isEmpty else {
            return
        }
        for origin in released {
            durations.record(origin.kind, nanoseconds: now &- origin.start)
        }
        released.removeAll(keepingCapacity: true)
    }
}
