/// A part of the server that takes over a new configuration while it serves.
protocol Reloadable: Sendable {
    /// What it is, for the log: `clients`.
    var name: String { get }

    /// The settings that it takes over, by name or by group: `clients` stands for everything below it.
    static var settings: [String] { get }

    /// Reads and checks everything that it needs of a new configuration. Changes nothing. May block: it is never called
    /// on an event loop.
    ///
    /// - Returns: What takes the new state over. It cannot fail, and is called once or never.
    func prepare(_ configuration: Configuration) throws(ReloadFailure) -> ReloadStep
}

/// Takes over what was prepared.
typealias ReloadStep = @Sendable () -> Void

/// Why a part cannot take a new configuration over. Everything stays as it was.
struct ReloadFailure: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Reloadable {
    /// Whether it takes over the setting of this name.
    static func takesOver(_ name: String) -> Bool {
        settings.contains { name == $0 || name.hasPrefix("\($0).") }
    }

    func takesOver(_ name: String) -> Bool { Self.takesOver(name) }
}

/// What a reload can take over.
enum Reloads {
    /// Every part that the server can have; which of them it has goes by its configuration.
    static let parts: [any Reloadable.Type] = [
        TLSSource.self, KeyKeeper.self, CallerReload.self, LogReload.self,
    ]

    static func takeOver(_ name: String) -> Bool {
        parts.contains { $0.takesOver(name) }
    }
}
