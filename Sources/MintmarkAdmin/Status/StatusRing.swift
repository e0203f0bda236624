import NIOConcurrencyHelpers
import NIOCore

/// The last samples, so many at most.
package struct StatusRing: Sendable {
    private let countMax: Int
    private var samples: [StatusCounts] = []
    /// Where the oldest one stands, once the ring is full.
    private var oldest = 0

    /// - Parameter countMax: at least 1.
    package init(countMax: Int) {
        precondition(countMax > 0, "a ring needs a place")
        self.countMax = countMax
    }

    /// Takes a sample in; a full ring forgets its oldest one.
    package mutating func add(_ sample: StatusCounts) {
        if samples.count < countMax {
            samples.append(sample)
        } else {
            samples[oldest] = sample
            oldest = (oldest + 1) % countMax
        }
    }

    /// The oldest one first.
    package var ordered: [StatusCounts] { Array(samples[oldest...] + samples[..<oldest]) }
}

/// Takes samples on the listener's event loop, for as long as the listener runs. Any thread may read them.
final class StatusSampler: Sendable {
    private let ring: NIOLockedValueBox<StatusRing>
    private let interval: TimeAmount
    private let source: any AdminSource

    init(source: any AdminSource, limits: AdminLimits) {
        self.source = source
        interval = limits.statusSampleInterval
        ring = NIOLockedValueBox(StatusRing(countMax: limits.statusSamplesMax))
    }

    /// The first sample is taken at once. To be cancelled by the caller.
    func start(on loop: any EventLoop) -> RepeatedTask {
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: interval) { [ring, source] _ in
            let sample = source.status().counts
            ring.withLockedValue { $0.add(sample) }
        }
    }

    /// The oldest one first.
    var samples: [StatusCounts] { ring.withLockedValue { $0.ordered } }
}
