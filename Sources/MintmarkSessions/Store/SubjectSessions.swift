import NIOConcurrencyHelpers
import Synchronization

/// The sessions of each subject at each client whose policy caps them, oldest first.
///
/// Sessions of clients without a cap are not listed, nor those opened before the client had one. What is listed may
/// have died since, and is checked when the cap is reached.
///
/// Shared between threads, striped. A stripe's lock is held while a session is opened within the cap, so that no other
/// can be opened for its subject meanwhile: it is taken before a shard's lock, never after one.
final class SubjectSessions: Sendable {
    private struct Key: Hashable {
        let client: [UInt8]
        let subject: [UInt8]
    }

    private typealias Stripe = [Key: [SessionID]]

    private static let stripeCount = 64

    private let stripes = (0..<stripeCount).map { _ in NIOLockedValueBox<Stripe>([:]) }
    private let isUsed = Atomic<Bool>(false)

    /// Lends the list of a subject at a client while nobody else has it.
    func withList<Result>(subject: [UInt8], client: [UInt8], _ body: (inout [SessionID]) -> Result) -> Result {
        isUsed.store(true, ordering: .relaxed)
        let key = Key(client: client, subject: subject)
        return stripe(of: key).withLockedValue { stripe in
            // Moved out for the call, so that changing it copies nothing.
            var list = stripe.removeValue(forKey: key) ?? []
            defer { stripe[key] = list.isEmpty ? nil : list }
            return body(&list)
        }
    }

    /// Takes a session off its list if it is on it.
    func remove(_ id: SessionID, subject: [UInt8], client: [UInt8]) {
        guard isUsed.load(ordering: .relaxed) else { return }
        withList(subject: subject, client: client) { list in
            list.removeAll { $0 == id }
        }
    }

    /// Forgets the lists of these clients.
    func removeAll(ofClients clients: Set<[UInt8]>) {
        guard isUsed.load(ordering: .relaxed) else { return }
        for stripe in stripes {
            stripe.withLockedValue { stripe in
                stripe = stripe.filter { !clients.contains($0.key.client) }
            }
        }
    }

    private func stripe(of key: Key) -> NIOLockedValueBox<Stripe> {
        stripes[Int(truncatingIfNeeded: key.hashValue) & (Self.stripeCount - 1)]
    }
}
