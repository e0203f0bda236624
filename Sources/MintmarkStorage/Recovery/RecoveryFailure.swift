import Glibc
package import MintmarkSessions

/// Why a store cannot be opened: which file, where in it, and what is wrong. Nothing was changed.
package struct RecoveryFailure: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        /// The system could not do what was asked of it.
        case system(StorageFault)
        case format(StorageFormatFault)
        /// A file that another one names is not there.
        case missing
        /// There are snapshots or boxes, but nothing says which count.
        case withoutManifest
        /// A store was begun, and neither manifest nor segments nor snapshots are left of it.
        case lost
        /// What is written here was durable, as a later part of the file proves.
        case damaged(witnessOffset: Int)
        /// The file is longer than any that is written.
        case tooLong(byteCountMax: Int)
        /// It is not the file that the manifest names: its length or its end differ.
        case otherThanNamed
        /// The journal begins behind the snapshot: events between them are missing.
        case gap(after: LogSequenceNumber)
        /// No further master key can be named.
        case exhausted
    }

    /// The file's name in the data directory; `.` for the directory.
    package let file: String
    package let offset: Int?
    package let reason: Reason

    package init(_ file: String, at offset: Int? = nil, _ reason: Reason) {
        self.file = file
        self.offset = offset
        self.reason = reason
    }

    init(_ fault: StorageFault) {
        self.init(fault.name, .system(fault))
    }
}

extension RecoveryFailure {
    /// Whether a later start may work though nobody mends anything in the directory: the disk is full, or the process may
    /// open no more files.
    package var mayPass: Bool {
        guard case .system(let fault) = reason else { return false }
        return fault.isDiskFull || [EMFILE, ENFILE, ENOMEM].contains(fault.code)
    }
}

extension RecoveryFailure: CustomStringConvertible {
    package var description: String {
        let place = offset.map { ", offset \($0)" } ?? ""
        return "\(file)\(place): \(reasonText)"
    }

    /// What is wrong, without the place.
    package var reasonText: String {
        switch reason {
        case .system(let fault): "\(fault.operation.rawValue): \(fault.text)"
        case .format(let fault): "\(fault)"
        case .missing: "the file is missing"
        case .withoutManifest: "there is a store here, but its manifest is missing"
        case .lost:
            "a store was begun here, as \(StoreFiles.mark) says, and its files are missing; put back a copy of the whole "
                + "directory, or move it away to begin anew"
        case .damaged(let witness): "damaged: what is written at offset \(witness) proves that this was complete once"
        case .tooLong(let byteCountMax): "longer than \(byteCountMax) bytes"
        case .otherThanNamed: "not the file that the manifest names"
        case .gap(let lsn): "the events after number \(lsn.rawValue) are missing"
        case .exhausted: "no further master key can be named"
        }
    }
}

/// Runs a file operation; its fault is why the store cannot be opened.
func recovering<Value>(_ body: () throws(StorageFault) -> Value) throws(RecoveryFailure) -> Value {
    do throws(StorageFault) {
        return try body()
    } catch {
        throw RecoveryFailure(error)
    }
}
