import NIOConcurrencyHelpers
import NIOCore

/// The samples that the status page compares with. Any thread may add and read.
///
/// Whoever looks at the page takes the samples: while nobody looks, nothing is read and nothing is kept up to date.
final class StatusHistory: Sendable {
    private let ring: NIOLockedValueBox<StatusRing>

    init(limits: AdminLimits) {
        ring = NIOLockedValueBox(StatusRing(limits: limits))
    }

    /// The samples from before `counts`, the oldest one first; takes those in.
    func look(_ counts: StatusCounts) -> [StatusCounts] {
        ring.withLockedValue { $0.look(counts) }
    }
}

/// The last samples, so many at most and none older than the window.
package struct StatusRing: Sendable {
    private let countMax: Int
    private let intervalNanoseconds: UInt64
    private let windowNanoseconds: UInt64
    /// The oldest one first.
    private var samples: [StatusCounts] = []

    package init(limits: AdminLimits) {
        countMax = max(1, limits.statusSamplesMax)
        intervalNanoseconds = UInt64(max(0, limits.statusSampleInterval.nanoseconds))
        windowNanoseconds = UInt64(max(0, limits.statusWindow.nanoseconds))
    }

    /// The samples from before `counts`. Takes `counts` in, where the last sample is older than an interval; forgets what is
    /// older than the window, and the oldest one where there is no place.
    package mutating func look(_ counts: StatusCounts) -> [StatusCounts] {
        let now = counts.uptimeNanoseconds
        let limit = now > windowNanoseconds ? now - windowNanoseconds : 0
        samples.removeFirst(samples.prefix { $0.uptimeNanoseconds < limit }.count)
        // Who looked at the same time may have read later and be here already.
        let earlier = samples.filter { $0.uptimeNanoseconds < now }
        let isDue = samples.last.map {
            now > $0.uptimeNanoseconds && now - $0.uptimeNanoseconds >= intervalNanoseconds
        }
        guard isDue ?? true else {
            return earlier
        }
        if samples.count == countMax {
            samples.removeFirst()
        }
        samples.append(counts)
        return earlier
    }
}
