import NIOConcurrencyHelpers
import Synchronization

/// The sessions of each subject at each client whose policy caps them, oldest first.
///
/// Sessions of clients without a cap are not listed, nor those opened before the client had one. One lock, never held
/// together with another; what is listed may therefore have died, and is checked when the cap is reached.
final class SubjectSessions: Sendable {
    enum Entry: Equatable {
        case listed

        /// Listed; this one had to leave the list for it.
        case replaced(SessionID)

        /// Not listed: there are as many as the cap allows. These.
        case full([SessionID])
    }

    private struct Key: Hashable {
        let client: [UInt8]
        let subject: [UInt8]
    }

    private let sessions = NIOLockedValueBox<[Key: [SessionID]]>([:])
    private let isUsed = Atomic<Bool>(false)

    /// Lists a session that is about to be opened.
    func add(_ id: SessionID, subject: [UInt8], client: [UInt8], cap: SubjectCap, mayReplace: Bool) -> Entry {
        isUsed.store(true, ordering: .relaxed)
        return sessions.withLockedValue { sessions in
            let key = Key(client: client, subject: subject)
            var listed = sessions[key] ?? []
            if listed.count < Int(cap.limit) {
                sessions[key, default: []].append(id)
                return .listed
            }
            guard mayReplace else { return .full(listed) }
            let oldest = listed.removeFirst()
            listed.append(id)
            sessions[key] = listed
            return .replaced(oldest)
        }
    }

    /// Puts a session back in front that had to leave the list for one that was then not opened.
    func restore(_ id: SessionID, subject: [UInt8], client: [UInt8]) {
        sessions.withLockedValue { $0[Key(client: client, subject: subject), default: []].insert(id, at: 0) }
    }

    func remove(_ id: SessionID, subject: [UInt8], client: [UInt8]) {
        guard isUsed.load(ordering: .relaxed) else { return }
        sessions.withLockedValue { sessions in
            let key = Key(client: client, subject: subject)
            guard var listed = sessions[key] else { return }
            listed.removeAll { $0 == id }
            sessions[key] = listed.isEmpty ? nil : listed
        }
    }
}
