/// One thing wrong with the configuration, and where.
package struct ConfigurationFault: Error, Sendable, Equatable {
    package let origin: ConfigurationOrigin
    /// One line: which setting, what is expected, what was found.
    package let message: String
}

extension ConfigurationFault: CustomStringConvertible {
    package var description: String { "\(origin): \(message)" }
}

/// Everything that is wrong with the configuration, in the order of ``ConfigurationOrigin``; never empty.
package struct ConfigurationErrors: Error, Sendable, Equatable {
    package let faults: [ConfigurationFault]

    init(_ faults: [ConfigurationFault]) {
        precondition(!faults.isEmpty, "ConfigurationErrors describes at least one fault")
        self.faults = faults.sorted { $0.origin < $1.origin }
    }
}

extension ConfigurationErrors: CustomStringConvertible {
    /// One line per fault, such as `mintmark.yaml:4:11: tokens.leeway: expected …`.
    package var description: String {
        faults.map(\.description).joined(separator: "\n")
    }
}
