import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// One situation, and what is to be decided in it.
struct DecisionRow: CustomTestStringConvertible, Sendable {
    let name: String
    let expected: RefreshDecision
    let change: @Sendable (inout DecisionScene) -> Void

    init(_ name: String, _ expected: RefreshDecision, _ change: @escaping @Sendable (inout DecisionScene) -> Void) {
        self.name = name
        self.expected = expected
        self.change = change
    }

    var testDescription: String { name }

    func check() {
        var scene = DecisionScene()
        change(&scene)
        #expect(scene.decision == expected)
    }
}

/// A session at generation 5 of epoch 20 that was rotated out of generation 4 of epoch 10 at millisecond 100 000, now
/// being millisecond 101 000; somebody presents its current token.
struct DecisionScene {
    var session: SessionState
    var token = Self.generation(20, 5)
    var facts = RefreshFacts()
    var policy = ClientPolicy()
    var surroundings = RefreshSurroundings(storeEpoch: StoreEpoch(rawValue: 30))
    var serviceMilliseconds: UInt64 = 101_000
    var storeSeconds: UInt64 = 1_000

    init() {
        session = SessionState(
            opening: SessionID(high: 1, low: 2),
            epoch: StoreEpoch(rawValue: 20),
            createdSeconds: 900,
            idleExpirySeconds: 2_000,
            absoluteExpirySeconds: 3_000,
            rotatedAtMilliseconds: 100_000
        )
        session.openLSN = LogSequenceNumber(50)
        session.current = Self.generation(20, 5)
        session.previousEpoch = StoreEpoch(rawValue: 10)
    }

    var decision: RefreshDecision {
        RefreshDecision.decide(
            on: token,
            session: session,
            facts: facts,
            policy: policy,
            surroundings: surroundings,
            now: now
        )
    }

    var now: SessionInstant {
        SessionInstant(
            serviceMilliseconds: serviceMilliseconds,
            storeSeconds: storeSeconds,
            wallSeconds: storeSeconds
        )
    }

    mutating func presentPrevious() { token = Self.generation(10, 4) }
    mutating func presentAhead() { token = Self.generation(20, 6) }
    mutating func presentOld() { token = Self.generation(10, 3) }

    static func generation(_ epoch: UInt64, _ number: UInt32) -> TokenGeneration {
        TokenGeneration(epoch: StoreEpoch(rawValue: epoch), number: number)
    }

    static func context(_ text: String) -> ContextHash {
        ContextHash(of: Array(text.utf8).span.bytes, in: SessionID(high: 1, low: 2))
    }
}
