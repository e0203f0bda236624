import MintmarkAdmin
import Testing

@Suite struct HostListTests {
    @Test(arguments: [
        ("0.0.0.0", "10.1.2.3:80", true), ("0.0.0.0", "[::2]", false), ("0.0.0.0", "evil.example", false),
        ("0.0.0.0", "1.2.3", false), ("0.0.0.0", "1.2.3.4.5", false), ("0.0.0.0", "1.2.3.evil", false),
        ("::", "10.1.2.3", true), ("::", "[fe80::1]:80", true), ("::", "[evil]", false), ("::", "fe80::1", false),
        ("10.0.0.1", "10.0.0.1:7421", true), ("10.0.0.1", "10.0.0.2", false), ("fe80::1", "[fe80::1]", true),
    ])
    func allAddressesMeanEveryNumber(address: String, host: String, isAllowed: Bool) {
        #expect(HostList(address: address).allows(host) == isAllowed)
    }
}
