import Testing

@testable import MintmarkServer

@Suite struct ConfigurationAdminTests {
    @Test func listensOnLoopbackByDefault() throws {
        let admin = try load("{}").admin
        #expect(admin.listen?.description == "127.0.0.1:7421")
        #expect(admin.hosts.isEmpty)
    }

    @Test func canBeOff() throws {
        #expect(try load("admin: {listen: off}").admin.listen == nil)
        #expect(try load(arguments: ConfigurationArguments(admin: "off")).admin.listen == nil)
    }

    @Test(arguments: ["0.0.0.0:7421", "10.0.0.1:7421", "[::]:7421"])
    func otherMachinesAreADecision(address: String) throws {
        let fault =
            "m.yaml:1:17: admin.listen: \(address) is no loopback address: whoever reaches it learns how the "
            + "server is used; to allow it all the same, set admin.remote to allow"
        #expect(faults("admin: {listen: '\(address)'}") == [fault])
        #expect(try load("admin: {listen: '\(address)', remote: allow}").admin.listen?.description == address)
    }

    @Test(arguments: ["a", "mintmark.internal", "'[::1]'", "10.0.0.1", "'\(String(repeating: "a", count: 253))'"])
    func hostsAreNamesWithoutPorts(host: String) throws {
        #expect(try load("admin: {hosts: [\(host)]}").admin.hosts.count == 1)
    }

    @Test(arguments: ["a:1", "a/b", "'a b'", "'a@b'", "''", "'\(String(repeating: "a", count: 254))'"])
    func otherHostsAreRefused(host: String) {
        #expect(faults("admin: {hosts: [\(host)]}").count == 1)
    }

    @Test(arguments: [(63, true), (64, true), (65, false)])
    func hostsAreBounded(count: Int, isAccepted: Bool) {
        let list = (0..<count).map { "h\($0)" }.joined(separator: ", ")
        #expect(faults("admin: {hosts: [\(list)]}").isEmpty == isAccepted)
    }
}
