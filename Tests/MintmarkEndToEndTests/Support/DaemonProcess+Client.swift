import Foundation
import MintmarkClient
import MintmarkWire
import Testing

extension DaemonProcess {
    /// Grace windows that no machine is too slow for.
    static let patientClient = "clients: {local: {access_token_ttl: 1h, grace: {window: 5m, uses: 1000}}}\n"

    /// Runs a client of this daemon, over its Unix socket.
    ///
    /// - Parameter connections: With more than one, every request that would wait for another goes its own way.
    func withClient<Value>(
        connections: Int = 1,
        _ body: (MintmarkClient) async throws -> Value
    ) async throws -> Value {
        try await withClientOfDaemon(at: unixPath, connections: connections, body)
    }

    /// The value of a counter.
    func counter(_ name: String) async throws -> UInt64? {
        try await withClient { try await $0.stats().counters.first { $0.name == name }?.value }
    }
}

/// Runs a client of whatever listens on a Unix socket; patient, for machines that build beside the tests.
func withClientOfDaemon<Value>(
    at path: String,
    connections: Int = 1,
    _ body: (MintmarkClient) async throws -> Value
) async throws -> Value {
    var configuration = MintmarkClient.Configuration(.unixSocket(path: path))
    configuration.connectionsMax = connections
    configuration.requestsPerConnectionTarget = connections > 1 ? 1 : 64
    // Its tasks wait for threads that other tests hold while they wait for processes.
    configuration.connectTimeout = .seconds(300)
    configuration.requestTimeout = .seconds(300)
    return try await withMintmarkClient(configuration, body)
}

extension MintmarkClient {
    /// Opens a session of `subject` for the audience `orders`.
    func openSession(_ subject: String = "alice", context: String? = nil) async throws -> SessionTokens {
        try await open(
            subject: subject,
            audience: ["orders"],
            scope: "read write",
            context: context.map { Array($0.utf8) }
        )
    }

    /// Why a refresh is refused; nil if it is not.
    func refusal(ofRefreshing token: String, context: String? = nil) async throws -> Status? {
        do throws(MintmarkError) {
            _ = try await refresh(token, context: context.map { Array($0.utf8) })
            return nil
        } catch {
            guard let status = error.status else { throw error }
            return try status.known
        }
    }

    /// Why an access token is inactive; nil if it is active.
    func refusal(ofAccessToken token: String, leeway: UInt32? = nil, live: Bool = false) async throws -> Status? {
        let verdict = try await verify(token, audience: .any, requiresLiveSession: live, leewaySeconds: leeway)
        switch verdict {
        case .active: return nil
        case .inactive(let reason): return try reason.known
        }
    }

    /// Why a refresh would be refused; nil if it would not.
    func refusal(ofIntrospecting token: String) async throws -> Status? {
        switch try await introspect(token) {
        case .active: return nil
        case .inactive(let reason): return try reason.known
        }
    }

    /// What the server says of a refresh token that is active.
    func description(of token: String) async throws -> SessionDescription? {
        switch try await introspect(token) {
        case .active(let session): return session
        case .inactive: return nil
        }
    }
}

extension StatusCode {
    /// A number that this version does not know.
    private struct Unknown: Error {
        var status: StatusCode
    }

    /// The status of version 1; throws if it is none.
    fileprivate var known: Status {
        get throws {
            guard let status else { throw Unknown(status: self) }
            return status
        }
    }
}

/// Whether two answers tell of one instant: sessions live by a clock of their own, and change its seconds a moment before
/// or behind the wall clock that answers tell.
func isSameInstant(_ one: UInt64, _ other: UInt64) -> Bool {
    max(one, other) - min(one, other) <= 1
}

/// Asks until there is an answer, for at most two minutes. For what comes by itself as time goes by.
@discardableResult
func poll<Answer>(_ wanted: Comment, _ ask: () async throws -> Answer?) async throws -> Answer {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(120)
    while true {
        // Told before the question: however long this task waits for a thread, it asks once more.
        let isLast = clock.now >= deadline
        if let answer = try await ask() {
            return answer
        }
        guard !isLast else {
            return try #require(nil, wanted)
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
