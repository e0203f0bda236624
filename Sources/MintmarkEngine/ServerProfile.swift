/// What STATS tells of what the server is and runs with, so that two measurements can be told apart.
package struct ServerProfile: Sendable, Equatable {
    /// What the linker wrote into the program; nil if it wrote nothing.
    package var buildID: [UInt8]?
    /// Those that change how fast it is, each a name, `=` and a value.
    package var settings: [String]
    /// 32 bytes over all settings but those that say where something is.
    package var settingsDigest: [UInt8]?

    package init(buildID: [UInt8]? = nil, settings: [String] = [], settingsDigest: [UInt8]? = nil) {
        self.buildID = buildID
        self.settings = settings
        self.settingsDigest = settingsDigest
    }
}
