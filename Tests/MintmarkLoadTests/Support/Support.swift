import Foundation
import MintmarkClient
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkLoad

/// A row of a table: what is given, and what is to come of it.
struct Row<Given: Sendable, Expected: Sendable>: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let given: Given
    let expected: Expected

    init(_ description: String, _ given: Given, _ expected: Expected) {
        testDescription = description
        self.given = given
        self.expected = expected
    }
}

extension FakeServer {
    /// Where it listens, for the load tool.
    var address: ServerAddress {
        get throws { try #require(ServerAddress(server: endpoint.description)) }
    }
}

extension LoadPlan {
    /// A plan that ends with its requests: its time is never over.
    static func small(
        _ mix: String,
        requests: Int?,
        pace: Pace = .closedLoop,
        connections: Int = 2,
        depth: Int = 4,
        threads: Int = 1
    ) throws -> LoadPlan {
        LoadPlan(
            pace: pace,
            mix: try #require(OperationMix(mix)),
            connections: connections,
            depth: depth,
            threads: threads,
            warmupNanoseconds: 0,
            durationNanoseconds: 600_000_000_000,
            requestsMax: requests,
            drainNanoseconds: 600_000_000_000,
            seed: 7,
            tokenSource: .sign(20),
            verifiesOnce: false,
            sessions: 16,
            audience: "orders",
            omitsClaims: false
        )
    }
}

/// Runs something that blocks on a thread of its own, so that it holds none of those that tasks share.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try body() }) }.start()
    }
}

/// Runs a plan against a fake server that does what a script says.
func report(of plan: LoadPlan, _ script: @escaping FakeServer.Script) async throws -> LoadReport {
    try await withFakeServer(script) { server in
        let run = LoadRun(address: try server.address, plan: plan)
        return try await blocking { try run.run() }
    }
}

/// Lets a script answer the requests of a kind behind the first `count` of it.
func behind(
    _ count: Int,
    _ kind: Kind,
    of model: ModelServer,
    _ script: @escaping FakeServer.Script
) -> FakeServer.Script {
    let seen = Counting()
    return { request in
        guard request.kind == kind, seen.next() > count else { return model.script(request) }
        return script(request)
    }
}

/// Counts from 1. Safe to use from any thread.
final class Counting: @unchecked Sendable {
    // Unchecked: the lock guards the number.
    private let lock = NSLock()
    private var number = 0

    var count: Int { lock.withLock { number } }

    func next() -> Int {
        lock.withLock {
            number += 1
            return number
        }
    }
}
