/// Where a configured value was written. Immutable.
package enum ConfigurationOrigin: Sendable, Equatable {
    /// A place in the configuration file; line and column count from 1, the column in characters.
    case file(path: String, line: Int, column: Int)
    /// A variable of the process environment.
    case environment(name: String)
    /// A flag of the command line, with its dashes.
    case flag(name: String)
    /// Written nowhere: the built-in default.
    case builtIn
}

extension ConfigurationOrigin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .environment(let name): "environment variable \(name)"
        case .flag(let name): "flag \(name)"
        case .builtIn: "default"
        }
    }
}

extension ConfigurationOrigin: Comparable {
    /// The order of a report: the file from top to bottom, then the environment, then flags.
    package static func < (left: Self, right: Self) -> Bool {
        left.sortKey < right.sortKey
    }

    private var sortKey: (rank: Int, line: Int, column: Int, name: String) {
        switch self {
        case .file(let path, let line, let column): (0, line, column, path)
        case .environment(let name): (1, 0, 0, name)
        case .flag(let name): (2, 0, 0, name)
        case .builtIn: (3, 0, 0, "")
        }
    }
}
