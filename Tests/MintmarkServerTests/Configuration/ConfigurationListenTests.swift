import Testing

@testable import MintmarkServer

@Suite("Listen addresses")
struct ConfigurationListenTests {
    @Test(arguments: [
        ("127.0.0.1:7420", "127.0.0.1:7420"),
        ("127.255.255.254:1", "127.255.255.254:1"),
        ("localhost:0", "127.0.0.1:0"),
        ("[::1]:65535", "[::1]:65535"),
        ("[0:0:0:0:0:0:0:1]:80", "[::1]:80"),
    ])
    func loopbackIsAccepted(text: String, canonical: String) throws {
        let configuration = try load("listen: ['\(text)']")
        #expect(configuration.listen.map(\.description) == [canonical])
    }

    @Test(arguments: [
        "0.0.0.0:7420", "10.0.0.1:7420", "128.0.0.1:7420", "126.255.255.255:1", "[::]:7420", "[::2]:1",
        "[fe80::1]:7420",
        "[::ffff:127.0.0.1]:7420",
    ])
    func otherMachinesAreKeptOutAndToldWhy(text: String) {
        let reason =
            "is no loopback address: connections are neither encrypted nor authenticated, so other machines must not "
            + "reach them; use tls.listen; to allow it all the same, set insecure_listeners to allow"
        let address = ListenAddress(text)?.description ?? ""
        #expect(faults("listen: ['\(text)']") == ["m.yaml:1:9: listen: \(address) \(reason)"])
    }

    @Test(arguments: ["0.0.0.0:7420", "[::]:7420"])
    func otherMachinesAreLetInWhereTheOperatorSaysSo(text: String) throws {
        #expect(try load("{insecure_listeners: allow, listen: ['\(text)']}").listen.map(\.description) == [text])
        let flags = ConfigurationArguments(listen: [text], insecureListeners: "allow")
        #expect(try load(arguments: flags).listen.map(\.description) == [text])
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", "127.0.0.1:", ":7420", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1",
        "127.0.0.1:1x", "127.1:1", "127.0.0.01:1", "127.0.0.256:1", "0x7f.0.0.1:1", "::1:7420", "[::1]", "[::1:7420",
        "[127.0.0.1]:1", "[fe80::1%lo]:1", "example.com:1", "LOCALHOST:1", "[localhost]:1", "127.0.0.1:٣",
    ])
    func anythingElseIsNoAddress(text: String) {
        let expectation = "expected HOST:PORT such as 127.0.0.1:7420, [::1]:7420 or localhost:0"
        #expect(
            faults("listen: ['\(text)']") == ["m.yaml:1:10: listen: \(expectation), found the quoted text '\(text)'"]
        )
    }

    @Test func freePortsMayBeAskedForTwice() throws {
        let configuration = try load("listen: [localhost:0, localhost:0]")
        #expect(configuration.listen.map(\.port) == [0, 0])
    }

    @Test func aUnixSocketAloneIsEnough() throws {
        let configuration = try load("{listen: [], unix: /run/m.sock}")
        #expect(configuration.listen.isEmpty)
        #expect(configuration.unix == "/run/m.sock")
    }

    /// The last of those that only one socket could have; the place is that of the one that comes later.
    @Test(arguments: [
        ("listen: [localhost:7421]", "m.yaml:1:9: admin.listen: 127.0.0.1:7421", "127.0.0.1:7421 of listen"),
        ("admin: {listen: '127.0.0.1:7420'}", "m.yaml:1:17: admin.listen: 127.0.0.1:7420", "127.0.0.1:7420 of listen"),
        (
            "{listen: ['0.0.0.0:1', '127.0.0.1:1'], insecure_listeners: allow}", "m.yaml:1:10: listen: 127.0.0.1:1",
            "0.0.0.0:1 of listen"
        ),
        (
            "{listen: ['0.0.0.0:1', '[::]:1'], insecure_listeners: allow}", "m.yaml:1:10: listen: [::]:1",
            "0.0.0.0:1 of listen: :: is every address of IPv4, too"
        ),
        (
            "{listen: ['[::]:1'], admin: {listen: '127.0.0.1:1'}, insecure_listeners: allow}",
            "m.yaml:1:38: admin.listen: 127.0.0.1:1", "[::]:1 of listen: :: is every address of IPv4, too"
        ),
        (
            "tls: {listen: ['[::]:1', '[::1]:1'], certificate: c, private_key: k, client_certificates: none}\n"
                + "insecure_listeners: allow", "m.yaml:1:15: tls.listen: [::1]:1", "[::]:1 of tls.listen"
        ),
        (
            "{listen: ['127.0.0.1:1', '[::ffff:127.0.0.1]:1'], insecure_listeners: allow}",
            "m.yaml:1:10: listen: [::ffff:127.0.0.1]:1", "127.0.0.1:1 of listen"
        ),
        (
            "{listen: ['[::ffff:0.0.0.0]:1', '127.0.0.2:1'], insecure_listeners: allow}",
            "m.yaml:1:10: listen: 127.0.0.2:1", "[::ffff:0.0.0.0]:1 of listen"
        ),
        (
            "admin: {listen: 'localhost:1', authz: {listen: 'localhost:1'}}",
            "m.yaml:1:48: admin.authz.listen: 127.0.0.1:1", "127.0.0.1:1 of admin.listen"
        ),
    ])
    func listenersDoNotShareAnAddress(yaml: String, place: String, earlier: String) {
        #expect(faults(yaml) == ["\(place) cannot be listened on beside \(earlier)"])
    }

    @Test(arguments: [
        "listen: ['localhost:1', '127.0.0.2:1', '[::1]:1']",
        "{listen: ['0.0.0.0:1', '[::1]:1'], insecure_listeners: allow}",
        "{listen: ['0.0.0.0:1', '[::]:2'], insecure_listeners: allow}",
        "{listen: ['127.0.0.1:1', '[::ffff:127.0.0.2]:1'], insecure_listeners: allow}",
        "admin: {listen: 'localhost:0', authz: {listen: 'localhost:0'}}",
    ])
    func otherAddressesOfTheSamePortAreAccepted(yaml: String) {
        #expect(faults(yaml).isEmpty)
    }

    @Test(arguments: [(63, true), (64, true), (65, false)])
    func theListIsBounded(count: Int, isAccepted: Bool) {
        let list = (1...count).map { "127.0.0.1:\($0)" }.joined(separator: ", ")
        let report = isAccepted ? [] : ["m.yaml:1:9: listen: expected at most 64 items, found 65"]
        #expect(faults("listen: [\(list)]") == report)
    }
}
