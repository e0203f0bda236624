/// A point on a monotonic clock, in nanoseconds from an origin that means nothing.
struct Instant: Hashable, Comparable, Sendable {
    let nanoseconds: UInt64

    init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The instant that lies `nanoseconds` later, or the end of time.
    func advanced(byNanoseconds nanoseconds: UInt64) -> Instant {
        let (sum, overflows) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return Instant(nanoseconds: overflows ? .max : sum)
    }

    /// The earlier of two instants, of which nil is none.
    static func earliest(_ left: Instant?, _ right: Instant?) -> Instant? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }
}

extension Duration {
    /// The duration in nanoseconds: 0 for a negative one, 2^64 - 1 for one that does not fit.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflows) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carries) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return overflows || carries ? .max : sum
    }
}
