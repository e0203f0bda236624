import Testing

@testable import MintmarkServer

@Suite("Settings of keys and of trusted issuers")
struct ConfigurationKeysTests {
    @Test func keysRotateUnlessSomebodyProvidesTheKey() throws {
        #expect(try load().keys.rotation == .days(30))
        #expect(try load("tokens: {signing_key_file: /k.pem}").keys.rotation == nil)
        #expect(try load("{tokens: {signing_key_file: /k.pem}, keys: {rotation: 1d}}").keys.rotation == .days(1))
        #expect(try load("keys: {rotation: never}").keys.rotation == nil)
    }

    @Test(arguments: [("2h", "1h", 1), ("1h", "1h", 0), ("3599s", "1h", 0), ("2h", "never", 0)])
    func aKeyCanBePublishedInTime(cache: String, rotation: String, count: Int) {
        #expect(faults("keys: {jwks_cache: \(cache), rotation: \(rotation)}").count == count)
    }

    @Test(arguments: [
        ("a", "expected a list of"),
        ("[a]", "expected {issuer: …, jwks_file: …}"),
        ("[{issuer: a}]", "needs issuer and jwks_file"),
        ("[{jwks_file: a}]", "needs issuer and jwks_file"),
        ("[{issuer: a, jwks_file: b, audience: [c]}]", "did you mean 'audiences'?"),
        ("[{issuer: a, jwks_file: b, audiences: c}]", "expected a list of 1 to 16 audiences"),
        ("[{issuer: a, jwks_file: b, audiences: []}]", "expected a list of 1 to 16 audiences"),
        ("[{issuer: a, jwks_file: b, audiences: ['']}]", "expected text of 1 to 256 bytes"),
        ("[{issuer: a, jwks_file: b}, {issuer: a, jwks_file: c}]", "'a' occurs twice"),
        ("[{issuer: mintmark, jwks_file: b}]", "is this server's own issuer"),
    ])
    func badIssuersAreNamed(value: String, words: String) {
        let found = faults("trusted_issuers: \(value)")
        #expect(found.contains { $0.contains(words) }, "\(found)")
    }

    @Test(arguments: [(15, 0), (16, 0), (17, 1)])
    func issuersAreBounded(count: Int, faultCount: Int) {
        let items = (0..<count).map { "{issuer: i\($0), jwks_file: f}" }.joined(separator: ", ")
        #expect(faults("trusted_issuers: [\(items)]").count == faultCount)
    }
}
