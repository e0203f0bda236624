import MintmarkCrypto
import MintmarkTokens

/// Takes the file of signing keys along when a store moves to another master key, which it is authenticated under.
enum KeyLedgerMove {
    /// Authenticates the file under both keys: until one of them counts, it opens with either.
    static func begin(
        in directory: any StorageDirectory,
        current: SecretBytes,
        next: SecretBytes
    ) throws(RekeyFailure) {
        guard let ledger = try read(in: directory, master: current) else { return }
        let bytes = ledger.encode(
            with: KeyLedger.authenticator(master: current),
            next: KeyLedger.authenticator(master: next)
        )
        try rekeying { () throws(StorageFault) in
            try directory.replace(StoreFiles.keyLedger, with: bytes.span.bytes)
        }
    }

    /// Authenticates the file under the new key alone, which counts now.
    static func finish(in directory: any StorageDirectory, next: SecretBytes) throws(RekeyFailure) {
        guard let ledger = try read(in: directory, master: next) else { return }
        let bytes = ledger.encode(with: KeyLedger.authenticator(master: next))
        try rekeying { () throws(StorageFault) in
            try directory.replace(StoreFiles.keyLedger, with: bytes.span.bytes)
        }
    }

    /// Nil: there is no such file.
    private static func read(
        in directory: any StorageDirectory,
        master: SecretBytes
    ) throws(RekeyFailure) -> KeyLedger? {
        let bytes = try rekeying { () throws(StorageFault) -> [UInt8]? in
            guard try directory.list().contains(StoreFiles.keyLedger) else { return nil }
            return try directory.open(StoreFiles.keyLedger).read(at: 0, byteCount: KeyLedger.byteCountMax + 1)
        }
        guard let bytes else { return nil }
        do throws(KeyLedger.FormatFault) {
            return try KeyLedger(decoding: bytes.span.bytes, with: KeyLedger.authenticator(master: master))
        } catch {
            throw .signingKeys(error)
        }
    }
}
