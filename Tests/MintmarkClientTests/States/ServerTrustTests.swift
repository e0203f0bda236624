import Foundation
import MintmarkWire
import NIOCore
import Testing

@testable import MintmarkClient

@Suite("Server trust")
struct ServerTrustTests {
    @Test(
        "only loopback addresses are spoken to in plaintext",
        arguments: [
            ("127.0.0.1", true), ("127.255.255.254", true), ("::1", true), ("::ffff:127.0.0.1", true),
            ("126.255.255.255", false), ("128.0.0.1", false), ("0.0.0.0", false), ("192.0.2.1", false), ("::", false),
            ("::2", false), ("::ffff:192.0.2.1", false), ("fe80::1", false), ("2001:db8::127", false),
        ]
    )
    func loopback(_ host: String, _ isTrusted: Bool) throws {
        let address = try SocketAddress(ipAddress: host, port: 7_420)
        #expect(address.isLoopback == isTrusted)
        let strict = ServerTrust(userIDs: nil, allowsPlaintextBeyondLoopback: false)
        let endpoint = Endpoint.tcp(host: host, port: 7_420)
        #expect(strict.objection(to: endpoint)?.code == (isTrusted ? nil : .plaintextRefused))
        #expect(strict.objection(toPlaintextWith: address)?.code == (isTrusted ? nil : .plaintextRefused))
        let lax = ServerTrust(userIDs: nil, allowsPlaintextBeyondLoopback: true)
        #expect(lax.objection(to: endpoint) == nil)
        #expect(lax.objection(toPlaintextWith: address) == nil)
    }

    @Test("whoever looks like many users is not trusted for being this one")
    func usualUsers() {
        #expect(TrustedUsers.usual(own: 1_001) == [0, 1_001])
        #expect(TrustedUsers.usual(own: 65_534) == [0])
    }

    @Test("a name is judged by the address it stands for, and an unknown address is refused")
    func names() {
        let trust = ServerTrust(userIDs: nil, allowsPlaintextBeyondLoopback: false)
        #expect(trust.objection(to: .tcp(host: "localhost", port: 1)) == nil)
        #expect(trust.objection(toPlaintextWith: nil)?.code == .plaintextRefused)
    }

    @Test(
        "the address that is refused is told as people write it",
        arguments: [
            ("192.0.2.1", "192.0.2.1:7420"), ("2001:db8::1", "[2001:db8::1]:7420"),
        ]
    )
    func refusedAddress(_ host: String, _ place: String) {
        let trust = ServerTrust(userIDs: nil, allowsPlaintextBeyondLoopback: false)
        let objection = trust.objection(to: .tcp(host: host, port: 7_420))
        #expect(objection?.message == "plaintext to \(place) beyond loopback is not allowed")
    }

    @Test("root and the own user are trusted, or those that are named")
    func users() {
        let own = geteuid()
        let byDefault = ServerTrust(userIDs: nil, allowsPlaintextBeyondLoopback: false)
        #expect(byDefault.objection(toUserID: 0) == nil)
        #expect(byDefault.objection(toUserID: own) == nil)
        let objection = byDefault.objection(toUserID: 4_000_000)
        #expect(objection?.code == .serverUntrusted)
        #expect(objection?.serverUserID == 4_000_000)
        #expect(objection?.withOutcome(unknown: true).serverUserID == 4_000_000)
        #expect(objection?.message == "the server runs as user 4000000, who is not trusted")
        let named = ServerTrust(userIDs: [4_000_000], allowsPlaintextBeyondLoopback: false)
        #expect(named.objection(toUserID: 0)?.code == .serverUntrusted)
        #expect(named.objection(toUserID: 4_000_000) == nil)
    }
}
