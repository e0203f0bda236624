import MintmarkCrypto
import MintmarkEngine
import MintmarkProgram
import NIOConcurrencyHelpers

/// What STATS tells of the settings in effect: those of the start, with what reloads have taken over. Lock-guarded.
final class ProfileReload: Reloadable {
    let name = "profile"
    /// It only tells of what others take over.
    static let settings: [String] = []

    private let started: Configuration
    private let current: NIOLockedValueBox<ServerProfile>

    init(_ started: Configuration) {
        self.started = started
        current = NIOLockedValueBox(ServerProfile(settingsInEffect: started.effective))
    }

    var now: ServerProfile { current.withLockedValue { $0 } }

    func prepare(_ configuration: Configuration) -> ReloadStep {
        let running = Dictionary(started.effective.map { ($0.name, $0) }) { first, _ in first }
        let settings = configuration.effective.map { written in
            Reloads.takeOver(written.name) ? written : running[written.name] ?? written
        }
        let profile = ServerProfile(settingsInEffect: settings)
        return { [current] in current.withLockedValue { $0 = profile } }
    }
}

extension ServerProfile {
    /// The settings that change how fast the server is and that everybody may know.
    private static let told: Set<String> = [
        Settings.threads.name, Settings.Log.level.name,
        Settings.Limits.frameLength.name, Settings.Limits.inFlight.name, Settings.Limits.memory.name,
        Settings.Limits.queueTime.name,
        Settings.Tokens.algorithm.name, Settings.Tokens.cacheSize.name,
        Settings.Sessions.max.name, Settings.Sessions.sweepInterval.name,
        Settings.Storage.durability.name, Settings.Storage.snapshotInterval.name, Settings.Storage.segmentSize.name,
    ]

    /// Those that name a file, an address or a host: two servers beside each other differ in them.
    private static let places: Set<String> = Set(
        Settings.reference.filter { setting in
            ["path", "address", "host name", "mapping"].contains { setting.type.hasSuffix($0) }
        }.map(\.name)
    )

    init(settingsInEffect settings: [EffectiveSetting], buildID: [UInt8]? = ProgramBuild.id) {
        let keepsAudit = settings.contains { $0.name == Settings.auditFile.name && $0.value != SettingText.none }
        let own = ["audit=\(keepsAudit)", "optimised=\(ProgramBuild.isOptimised)"]
        let lines = settings.filter { !Self.places.contains($0.name) }.map { "\($0.name)=\($0.value)" }
        let text = (own + lines.sorted()).joined(separator: "\n")
        var digest: [UInt8] = []
        SHA256.hash(Array(text.utf8).span.bytes, appendingTo: &digest)
        self.init(
            buildID: buildID,
            settings: own + settings.filter { Self.told.contains($0.name) }.map { "\($0.name)=\($0.value)" },
            settingsDigest: digest
        )
    }
}
