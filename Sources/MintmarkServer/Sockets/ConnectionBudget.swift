import NIOConcurrencyHelpers
import NIOCore

/// The connections that may be open at once, over all listeners. Thread-safe.
///
/// A listener accepts while there is a place and waits for one otherwise. Several listeners that accept at the same
/// moment may exceed the bound by one connection each but the first.
/// Some places are kept for the Unix socket: whoever reaches only a port cannot shut the neighbours on this machine out.
final class ConnectionBudget: Sendable {
    /// Which places a listener may take.
    enum Share: Sendable {
        /// Those that are not kept for the Unix socket.
        case open
        /// All of them.
        case all
    }

    /// The places that are kept for the Unix socket, where one listens; of few places an eighth.
    static let keptPlacesMax = 64

    private struct State {
        var open = 0
        var waiters: [@Sendable () -> Void] = []
        /// When it was told last that there is no place.
        var told: NIODeadline?
    }

    /// How often it is told that there is no place.
    static let tellingPause = TimeAmount.minutes(1)

    let connectionsMax: Int
    private let onFull: @Sendable () -> Void
    private let keptCount: Int
    private let state = NIOLockedValueBox(State())

    /// - Parameters:
    ///   - keepsPlaces: Whether a Unix socket listens.
    ///   - onFull: called when somebody waits for a place, once in `tellingPause`.
    init(connectionsMax: Int, keepsPlaces: Bool = false, onFull: @escaping @Sendable () -> Void = {}) {
        self.connectionsMax = connectionsMax
        self.onFull = onFull
        keptCount = keepsPlaces ? min(Self.keptPlacesMax, connectionsMax / 8) : 0
    }

    var openCount: Int { state.withLockedValue(\.open) }

    /// Counts a connection that was accepted.
    func take() {
        state.withLockedValue { $0.open += 1 }
    }

    /// Whether there is a place; where there is none, `waiter` is called once when a place is given back.
    func hasPlace(in share: Share, orWait waiter: @escaping @Sendable () -> Void) -> Bool {
        let placesCount = share == .all ? connectionsMax : connectionsMax - keptCount
        let (hasPlace, isTold) = state.withLockedValue { state in
            guard state.open >= placesCount else { return (true, true) }
            state.waiters.append(waiter)
            let now = NIODeadline.now()
            guard state.told.map({ now - $0 >= Self.tellingPause }) ?? true else { return (false, true) }
            state.told = now
            return (false, false)
        }
        if !isTold { onFull() }
        return hasPlace
    }

    /// Counts a connection that was closed.
    func giveBack() {
        let waiters = state.withLockedValue { state in
            state.open -= 1
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters {
            waiter()
        }
    }
}
