import MintmarkStorage

/// What has happened to a simulated disk, in order.
struct DiskLog {
    enum Entry {
        case called(DiskCall)
        case noted(String)
    }

    private(set) var entries: [Entry] = []

    var calls: [DiskCall] {
        entries.compactMap { entry in
            if case .called(let call) = entry { call } else { nil }
        }
    }

    mutating func append(_ call: DiskCall) {
        entries.append(.called(call))
    }

    mutating func note(_ text: String) {
        entries.append(.noted(text))
    }

    var text: String {
        entries.map { entry in
            switch entry {
            case .called(let call): "\(call)"
            case .noted(let text): "-- \(text)"
            }
        }.joined(separator: "\n")
    }
}

/// One call of a file operation, and how it ended.
struct DiskCall: CustomStringConvertible {
    enum End: Equatable {
        case worked
        /// A write did only so many bytes.
        case fellShort
        case failed(Int32)
        /// The process died at it.
        case died(DiskDeath.Moment)
    }

    /// Among all calls, from 1 on.
    let number: Int
    let operation: StorageFault.Operation
    let name: String
    /// Offset, length, new name: what the call was about.
    let detail: String
    let end: End

    var description: String {
        let call = "\(number) \(operation.rawValue) \(name)\(detail.isEmpty ? "" : " \(detail)")"
        return switch end {
        case .worked: call
        case .fellShort: "\(call): fell short"
        case .failed(let code): "\(call): \(StorageFault(operation, name, code: code).text)"
        case .died(let moment): "\(call): died \(moment)"
        }
    }
}
