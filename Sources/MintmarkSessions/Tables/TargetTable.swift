import MintmarkCrypto
import NIOConcurrencyHelpers
import Synchronization

/// A bounded table of what was decreed for subjects, clients and all.
///
/// Striped: one lock for each of 64 parts, chosen by a keyed hash of the target, so that nobody can crowd one of them.
/// Looking up allocates nothing, and takes no lock while the table is empty. An entry is evicted by nothing but its age.
final class TargetTable<Value: Sendable>: Sendable {
    struct Entry: Sendable {
        let target: SessionTarget
        var value: Value
    }

    /// Entries by the hash of their targets.
    private typealias Stripe = [UInt64: [Entry]]

    private static var stripeCount: Int { 64 }

    private let countMax: Int
    private let hash: SipHash
    private let count = Atomic<Int>(0)
    private let stripes: [NIOLockedValueBox<Stripe>]

    init(countMax: Int, random: some RandomSource) {
        self.countMax = countMax
        hash = SipHash(random: random)
        stripes = (0..<Self.stripeCount).map { _ in NIOLockedValueBox([:]) }
    }

    /// Whether there is no entry. Sequentially consistent: ``CutOffTable`` relies on it.
    var isEmpty: Bool {
        count.load(ordering: .sequentiallyConsistent) == 0
    }

    var entryCount: Int {
        count.load(ordering: .relaxed)
    }

    /// Inserts or changes the entry of `target` under its stripe's lock. `change` gets the present value and gives the
    /// next one, or nil to leave the table as it is. False when the target is new and the table full; `change` is then
    /// not called.
    ///
    /// A new entry is counted before `change` is called.
    ///
    /// - Parameter isBounded: false for what recovery puts back, which is never refused.
    func update(_ target: SessionTarget, isBounded: Bool = true, _ change: (Value?) -> Value?) -> Bool {
        let hash = target.withBytes { self.hash($0, $1) }
        return stripe(of: hash).withLockedValue { stripe in
            var entries = stripe[hash] ?? []
            if let index = entries.firstIndex(where: { $0.target == target }) {
                guard let value = change(entries[index].value) else { return true }
                entries[index].value = value
                stripe[hash] = entries
                return true
            }
            let newCount = count.add(1, ordering: .sequentiallyConsistent).newValue
            guard newCount <= countMax || !isBounded else {
                count.subtract(1, ordering: .sequentiallyConsistent)
                return false
            }
            guard let value = change(nil) else {
                count.subtract(1, ordering: .sequentiallyConsistent)
                return true
            }
            entries.append(Entry(target: target, value: value))
            stripe[hash] = entries
            return true
        }
    }

    /// Calls `body` with the values for a subject, for a client and for all, as far as there are any.
    ///
    /// - Parameter subject: nil leaves the subject out.
    func forEach(subject: RawSpan?, client: RawSpan, _ body: (Value) -> Void) {
        guard !isEmpty else { return }
        if let subject, let value = value(.subject, subject) {
            body(value)
        }
        if let value = value(.client, client) {
            body(value)
        }
        if let value = value(.all, client.extracting(first: 0)) {
            body(value)
        }
    }

    /// Lets `body` look at the entry of a target and change it, under its stripe's lock; nil when there is none.
    func withEntry<Result>(_ kind: SessionTarget.Kind, _ bytes: RawSpan, _ body: (inout Value) -> Result) -> Result? {
        guard !isEmpty else { return nil }
        let hash = hash(kind, bytes)
        return stripe(of: hash).withLockedValue { stripe in
            guard let index = stripe[hash]?.firstIndex(where: { $0.target.isEqual(to: kind, bytes) }) else {
                return nil
            }
            return body(&stripe[hash, default: []][index].value)
        }
    }

    /// Removes the entries that `isOver` names, in one stripe. Going through `0..<sweepCount` covers the table.
    func sweep(stripe index: Int, _ isOver: (Value) -> Bool) {
        guard !isEmpty else { return }
        stripes[index].withLockedValue { stripe in
            for (hash, entries) in stripe {
                let kept = entries.filter { !isOver($0.value) }
                guard kept.count < entries.count else { continue }
                stripe[hash] = kept.isEmpty ? nil : kept
                count.subtract(entries.count - kept.count, ordering: .sequentiallyConsistent)
            }
        }
    }

    var sweepCount: Int {
        stripes.count
    }

    /// A copy of the entries, in no particular order. A stripe is locked for as long as it takes to share it.
    ///
    /// - Parameter betweenStripes: called behind each of them, without a lock.
    func copyEntries(betweenStripes: () -> Void = {}) -> [Entry] {
        var copy: [Entry] = []
        for stripe in stripes {
            for entries in stripe.withLockedValue(\.self).values {
                copy.append(contentsOf: entries)
            }
            betweenStripes()
        }
        return copy
    }

    private func value(_ kind: SessionTarget.Kind, _ bytes: RawSpan) -> Value? {
        withEntry(kind, bytes) { $0 }
    }

    private func hash(_ kind: SessionTarget.Kind, _ bytes: RawSpan) -> UInt64 {
        // Targets of different kinds and equal bytes meet in no stripe's list: the kind moves the hash.
        hash.hash(bytes) &+ UInt64(kind.rawValue)
    }

    private func stripe(of hash: UInt64) -> NIOLockedValueBox<Stripe> {
        stripes[Int(truncatingIfNeeded: hash) & (Self.stripeCount - 1)]
    }
}

extension SessionTarget {
    enum Kind: UInt8 {
        case subject = 1
        case client = 2
        case all = 3
    }

    func withBytes<Result>(_ body: (Kind, RawSpan) -> Result) -> Result {
        switch self {
        case .subject(let subject):
            return body(.subject, subject.span.bytes)
        case .client(let client):
            return body(.client, client.span.bytes)
        case .all:
            let none: [UInt8] = []
            return body(.all, none.span.bytes)
        }
    }

    func isEqual(to kind: Kind, _ bytes: RawSpan) -> Bool {
        withBytes { $0 == kind && $1.isEqual(to: bytes) }
    }
}
