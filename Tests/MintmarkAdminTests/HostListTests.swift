import MintmarkAdmin
import Testing

@Suite struct HostListTests {
    @Test(arguments: [
        ("0.0.0.0", "10.1.2.3:80", true), ("0.0.0.0", "[::2]", false), ("0.0.0.0", "evil.example", false),
        ("0.0.0.0", "1.2.3", false), ("0.0.0.0", "1.2.3.4.5", false), ("0.0.0.0", "1.2.3.evil", false),
        ("0.0.0.0", "1.2.3.256", false), ("0.0.0.0", "[1.2.3.4]", false),
        ("::", "10.1.2.3", true), ("::", "[fe80::1]:80", true), ("::", "[evil]", false), ("::", "fe80::1", false),
        ("0:0:0:0:0:0:0:0", "[fe80::1]", true),
        ("10.0.0.1", "10.0.0.1:7421", true), ("10.0.0.1", "10.0.0.2", false), ("fe80::1", "[fe80::1]", true),
    ])
    func allAddressesMeanEveryNumber(address: String, host: String, isAllowed: Bool) {
        #expect(HostList(address: address).allows(host) == isAllowed)
    }

    /// RFC 4291 section 2.2: an address has many spellings, and each means the same.
    @Test(arguments: ["[2001:DB8::1]", "[2001:db8:0:0:0:0:0:1]", "2001:db8::1", "2001:0DB8::0001"])
    func addressIsTheSameHoweverItIsSpelled(configured: String) {
        let list = HostList(address: "127.0.0.1", names: [configured, "Sidecar.Example."])
        for header in ["[2001:db8::1]", "[2001:DB8::1]:7421", "[2001:0db8:0000::0.0.0.1]", "[0:0:0:0:0:0:0:1]"] {
            #expect(list.allows(header), "\(header)")
        }
        for header in ["[2001:db8::2]", "[2001:db8::1", "2001:db8::1", "[2001:db8::1]x", "[2001:db8::1%eth0]", "[]"] {
            #expect(!list.allows(header), "\(header)")
        }
        #expect(list.allows("sidecar.example:80") && list.allows("SIDECAR.EXAMPLE."))
        #expect(!list.allows("[sidecar.example]") && !list.allows("") && !list.allows(":80"))
    }
}
