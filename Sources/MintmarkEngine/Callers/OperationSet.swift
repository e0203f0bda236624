package import MintmarkWire

/// A set of operations, one bit for the number of each kind.
package struct OperationSet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package init(_ kind: Kind) {
        precondition(kind.rawValue < UInt32.bitWidth, "\(kind.name) has no bit")
        self.init(rawValue: 1 << UInt32(kind.rawValue))
    }

    /// Every operation there is.
    package static let all = OperationSet(rawValue: .max)

    /// Those that only administrators may ask for, whatever the request says.
    package static let administration: OperationSet = [
        OperationSet(.forceRotation), OperationSet(.snapshot),
        OperationSet(.keyList), OperationSet(.keyPrepare), OperationSet(.keyActivate), OperationSet(.keyRevoke),
        OperationSet(.keyImport),
    ]

    package func contains(_ kind: Kind) -> Bool {
        rawValue & 1 << UInt32(kind.rawValue) != 0
    }
}
