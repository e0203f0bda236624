import MintmarkCrypto
import MintmarkTokens

/// Takes the file of signing keys along when a store moves to another master key, which it is authenticated under.
struct KeyLedgerMove {
    private let directory: any StorageDirectory
    private let current: SecretBytes
    /// Nil: there is no such file.
    private let ledger: KeyLedger?

    /// Reads the file, and changes nothing.
    init(in directory: any StorageDirectory, current: SecretBytes) throws(RekeyFailure) {
        self.directory = directory
        self.current = current
        let bytes = try rekeying { () throws(StorageFault) -> [UInt8]? in
            guard try directory.list().contains(StoreFiles.keyLedger) else { return nil }
            return try directory.open(StoreFiles.keyLedger).read(at: 0, byteCount: KeyLedger.byteCountMax + 1)
        }
        do throws(KeyLedger.FormatFault) {
            ledger = try bytes.map { (bytes) throws(KeyLedger.FormatFault) in
                try KeyLedger(decoding: bytes.span.bytes, with: KeyLedger.authenticator(master: current))
            }
        } catch {
            throw .signingKeys(error)
        }
    }

    /// Authenticates the file under both keys: until one of them counts, it opens with either.
    func begin(to next: SecretBytes) throws(RekeyFailure) {
        try write { ledger in
            ledger.encode(
                with: KeyLedger.authenticator(master: current),
                next: KeyLedger.authenticator(master: next)
            )
        }
    }

    /// Authenticates the file under the new key alone, which counts now.
    func finish(to next: SecretBytes) throws(RekeyFailure) {
        try write { $0.encode(with: KeyLedger.authenticator(master: next)) }
    }

    private func write(_ encode: (KeyLedger) -> [UInt8]) throws(RekeyFailure) {
        guard let ledger else { return }
        let bytes = encode(ledger)
        try rekeying { () throws(StorageFault) in
            try directory.replace(StoreFiles.keyLedger, with: bytes.span.bytes)
        }
    }
}
