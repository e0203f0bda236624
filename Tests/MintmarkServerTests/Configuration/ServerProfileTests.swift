import Testing

@testable import MintmarkEngine
@testable import MintmarkServer

/// What STATS tells of the settings in effect.
@Suite("The profile of a server")
struct ServerProfileTests {
    private func profile(_ yaml: String? = nil) throws -> ServerProfile {
        ServerProfile(settingsInEffect: try load(yaml).effective)
    }

    @Test func toldAreTheSettingsThatChangeHowFastItIs() throws {
        let settings = try profile("threads: 3\nstorage: {durability: 'interval:100ms'}\naudit_file: /a").settings
        #expect(settings.contains("threads=3"))
        #expect(settings.contains("storage.durability=interval:100ms"))
        #expect(settings.contains("tokens.cache_size=64MiB"))
        #expect(settings.contains("audit=true"))
        #expect(try profile().settings.contains("audit=false"))
        #expect(settings.count == Set(settings.map { $0.prefix { $0 != "=" } }).count)
        // Paths, addresses and what clients may do is nobody's business.
        #expect(settings.allSatisfy { !$0.contains("/") && !$0.contains("127.0.0.1") && !$0.contains("clients") })
    }

    /// A change of a setting, and whether the digest is another one then.
    static let changes = [
        ("threads: 3", true), ("issuer: other", true), ("clients: {local: {rotation: never}}", true),
        ("clients: {local: {rates: {verify: 5/s}}}", true), ("sessions: {cut_offs_max: 7}", true),
        ("audit_file: /a", true), ("threads: 4", false), ("data_directory: /elsewhere", false),
        ("listen: ['127.0.0.1:9']", false), ("unix: /socket", false), ("admin: {listen: off}", false),
        ("admin: {hosts: [name]}", false), ("ready_file: /ready", false), ("sessions: {master_key_file: /m}", false),
    ]

    @Test(arguments: changes)
    func theDigestTellsOfWhatIsNoPlace(yaml: String, isOther: Bool) throws {
        let (usual, other) = (try profile().settingsDigest, try profile(yaml).settingsDigest)
        #expect(usual?.count == 32)
        #expect((usual != other) == isOther)
    }

    /// A reload changes what it takes over, and nothing that takes effect at the next start only.
    @Test func reloadsAreTold() throws {
        let started = try load()
        let reload = ProfileReload(started)
        let first = reload.now
        reload.prepare(try load("threads: 3", running: started))()
        #expect(reload.now == first)
        reload.prepare(try load("threads: 3\nlog: {level: debug}", running: started))()
        #expect(reload.now.settings.contains("threads=4"))
        #expect(reload.now.settings.contains("log.level=debug"))
        #expect(reload.now.settingsDigest != first.settingsDigest)
        reload.prepare(try load("threads: 3", running: started))()
        #expect(reload.now == first)
    }
}
