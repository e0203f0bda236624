/// How far the clocks of a store had come, as its files keep it.
package struct JournalClocks: Equatable, Sendable {
    package static let zero = JournalClocks(serviceMilliseconds: 0, storeSeconds: 0, issuedAtMax: 0)

    /// The service clock.
    package var serviceMilliseconds: UInt64
    /// Store time.
    package var storeSeconds: UInt64
    /// The greatest `iat` handed out.
    package var issuedAtMax: UInt64

    package init(serviceMilliseconds: UInt64, storeSeconds: UInt64, issuedAtMax: UInt64) {
        self.serviceMilliseconds = serviceMilliseconds
        self.storeSeconds = storeSeconds
        self.issuedAtMax = issuedAtMax
    }

    /// The later of each.
    package func merging(_ other: JournalClocks) -> JournalClocks {
        JournalClocks(
            serviceMilliseconds: max(serviceMilliseconds, other.serviceMilliseconds),
            storeSeconds: max(storeSeconds, other.storeSeconds),
            issuedAtMax: max(issuedAtMax, other.issuedAtMax)
        )
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(serviceMilliseconds, byteCount: 8)
        bytes.append(storeSeconds, byteCount: 8)
        bytes.append(issuedAtMax, byteCount: 8)
    }

    init(from reader: inout ByteReader, _ bytes: RawSpan) {
        serviceMilliseconds = reader.read(byteCount: 8, from: bytes)
        storeSeconds = reader.read(byteCount: 8, from: bytes)
        issuedAtMax = reader.read(byteCount: 8, from: bytes)
    }

    /// Whether sessions can be kept on these clocks.
    var isPossible: Bool {
        serviceMilliseconds <= SessionInstant.millisecondsMax && storeSeconds <= SessionInstant.secondsMax
            && issuedAtMax <= SessionInstant.secondsMax
    }
}
