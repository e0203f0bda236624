import MintmarkCrypto
import Testing

@testable import MintmarkTokens

@Suite("The file of signing keys")
struct KeyLedgerFormatTests {
    static func authenticator(_ number: UInt8) -> KeyedBLAKE2b {
        KeyLedger.authenticator(
            master: SecretBytes(count: 32) { region in
                for offset in 0..<32 { region[offset] = number }
            }
        )
    }

    @Test func theBytesAreThoseOfTheSpecification() throws {
        let bytes = try KeyLedgerTests.ledgerWithEveryState().encode(with: Self.authenticator(1))
        #expect(bytes.count == 24 + 5 * 72 + 64)
        #expect(Array(bytes[0..<8]) == Array("MMKEYS\r\n".utf8))
        #expect(Array(bytes[8..<16]) == [0, 1, 0, 0, 0, 0, 0, 5])
        #expect(Array(bytes[16..<24]) == [0, 0, 0, 0, 0, 0, 0, 9])
        // The first record: removed, its tokens lived for 300 seconds, prepared and activated at 1 000 000.
        #expect(Array(bytes[24..<56]) == KeyLedgerTests.key(of: .removed).rawBytes)
        #expect(Array(bytes[56..<64]) == [5, 0, 0, 0, 0, 0, 1, 0x2C])
        #expect(Array(bytes[64..<80]) == [0, 0, 0, 0, 0, 0x0F, 0x42, 0x40, 0, 0, 0, 0, 0, 0x0F, 0x42, 0x40])
        #expect(bytes.suffix(32).allSatisfy { $0 == 0 })
    }

    @Test func everyChangedBitIsRefused() throws {
        let authenticator = Self.authenticator(1)
        let bytes = try KeyLedgerTests.ledgerWithEveryState().encode(with: authenticator)
        for offset in bytes.indices.dropLast(32) {
            for bit in 0..<8 {
                var changed = bytes
                changed[offset] ^= 1 << UInt8(bit)
                #expect(throws: KeyLedger.FormatFault.self, "bit \(bit) of byte \(offset)") {
                    try KeyLedger(decoding: changed.span.bytes, with: authenticator)
                }
            }
        }
    }

    @Test func everyOtherLengthIsRefused() throws {
        let authenticator = Self.authenticator(1)
        let bytes = try KeyLedgerTests.ledgerWithEveryState().encode(with: authenticator)
        for count in 0..<bytes.count {
            #expect(throws: KeyLedger.FormatFault.self) {
                try KeyLedger(decoding: bytes.span.bytes.extracting(0..<count), with: authenticator)
            }
        }
        let longer = bytes + [0]
        #expect(throws: KeyLedger.FormatFault.tag) {
            try KeyLedger(decoding: longer.span.bytes, with: authenticator)
        }
        let endless = bytes + [UInt8](repeating: 0, count: KeyLedger.byteCountMax)
        #expect(throws: KeyLedger.FormatFault.form) {
            try KeyLedger(decoding: endless.span.bytes, with: authenticator)
        }
    }

    @Test func eitherMasterKeyOpensWhatWasWrittenForBoth() throws {
        let ledger = try KeyLedgerTests.ledgerWithEveryState()
        let (current, next) = (Self.authenticator(1), Self.authenticator(2))
        let both = ledger.encode(with: current, next: next)
        #expect(try KeyLedger(decoding: both.span.bytes, with: current) == ledger)
        #expect(try KeyLedger(decoding: both.span.bytes, with: next) == ledger)
        #expect(throws: KeyLedger.FormatFault.tag) {
            try KeyLedger(decoding: both.span.bytes, with: Self.authenticator(3))
        }
        let one = ledger.encode(with: current)
        #expect(throws: KeyLedger.FormatFault.tag) { try KeyLedger(decoding: one.span.bytes, with: next) }
    }

    @Test func aLaterVersionIsNamed() throws {
        let authenticator = Self.authenticator(1)
        var bytes = try KeyLedgerTests.ledgerWithEveryState().encode(with: authenticator)
        bytes[9] = 2
        #expect(throws: KeyLedger.FormatFault.version(2)) {
            try KeyLedger(decoding: bytes.span.bytes, with: authenticator)
        }
    }

    /// Authentic bytes that no writer of this version makes.
    @Test(arguments: [(56, 2), (56, 0), (56, 6), (57, 1), (10, 1), (15, 4), (80, 0x40)])
    func whatIsNoLedgerIsRefusedAlsoWhenItIsAuthentic(offset: Int, value: UInt8) throws {
        let authenticator = Self.authenticator(1)
        var bytes = try KeyLedgerTests.ledgerWithEveryState().encode(with: authenticator)
        bytes[offset] = value
        bytes.removeLast(64)
        let content = 0..<bytes.count
        authenticator.appendTag(of: content, to: &bytes)
        bytes += [UInt8](repeating: 0, count: 32)
        #expect(throws: KeyLedger.FormatFault.content) {
            try KeyLedger(decoding: bytes.span.bytes, with: authenticator)
        }
    }

    @Test func ringHoldsWhatIsLiveOrRevoked() throws {
        let ledger = try KeyLedgerTests.ledgerWithEveryState()
        let ring = try ledger.ring(signingKey: TestIssuer.key(KeyRecord.State.active.rawValue), algorithm: .ed25519)
        #expect(ring.activeIndex == 0)
        #expect(
            ring.keys.map(\.state).sorted { $0.rawValue < $1.rawValue } == [.prepared, .active, .retired, .revoked]
        )
        #expect(ring.activeKey.algorithm == .ed25519)
        let published = String(decoding: ring.jwks, as: UTF8.self)
        for state in KeyRecord.State.allCases {
            let keyID = String(decoding: KeyLedgerTests.keyID(of: state), as: UTF8.self)
            #expect(published.contains(keyID) == state.isLive, "\(state)")
        }
    }
}
