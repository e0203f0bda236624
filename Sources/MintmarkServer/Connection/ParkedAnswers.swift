import MintmarkWire

/// Where an answer comes from: what was asked for, by the kind byte, and when its bytes were read, on the worker's clock of
/// bursts.
struct ParkedOrigin {
    var kind: UInt8
    var start: UInt64
}

/// What a connection holds back until the disk has come as far as a number says: whole frames of answers, and requests
/// that are to be executed again.
///
/// In the order of the numbers; equal numbers in the order of parking. All bytes lie in one buffer, which is given away
/// with what is released: under load a commit releases many answers of a connection, and nearly always all of them.
/// Confined to the connection's event loop.
struct ParkedAnswers<Number: Comparable> {
    struct Entry {
        fileprivate let number: Number
        let requestID: UInt32
        /// Of a request, whose body the bytes are; nil for an answer.
        fileprivate let header: FrameHeader?
        let origin: ParkedOrigin
        fileprivate let offset: Int
        fileprivate let byteCount: Int
    }

    /// What need not wait any longer.
    struct Released {
        fileprivate let entries: ArraySlice<Entry>
        fileprivate private(set) var bytes: [UInt8]
        /// Whether the bytes are the frames of all answers in their order, and nothing else.
        fileprivate let isOutput: Bool

        /// Gives the frames of all answers away, where there are only answers and their bytes lie in their order.
        mutating func takeOutput() -> [UInt8]? {
            guard isOutput else { return nil }
            defer { bytes = [] }
            return bytes
        }

        var origins: some Sequence<ParkedOrigin> { entries.lazy.map(\.origin) }
        var count: Int { entries.count }
        var isEmpty: Bool { entries.isEmpty }
        var requestIDs: [UInt32] { entries.map(\.requestID) }
        /// The requests that wait, with what they asked for.
        var requests: [(requestID: UInt32, origin: ParkedOrigin)] { entries.map { ($0.requestID, $0.origin) } }

        /// Lends everything in its order: a request has a header, and an answer has none.
        func forEach(_ body: (_ request: FrameHeader?, _ origin: ParkedOrigin, _ bytes: RawSpan) -> Void) {
            let bytes = bytes.span.bytes
            for entry in entries {
                body(entry.header, entry.origin, bytes.extracting(entry.offset..<entry.offset + entry.byteCount))
            }
        }
    }

    /// Room for a few answers of usual length.
    private static var capacityMin: Int { 2 * 1024 }
    /// No more is held ready than the answers of a burst take: it counts as held as soon as one answer waits.
    static var usualByteCountMax: Int { Connection.outputBytesPerBurstMax }
    static var usualCountMax: Int { 256 }

    private var entries: [Entry] = []
    private var bytes: [UInt8] = []
    /// Whether all that is parked are answers, in the order of their bytes.
    private var isOutput = true
    /// How much was released last, of each, up to a bound: nearly always as much is parked the next time.
    private var usualCount = 0
    private var usualByteCount = 0

    var isEmpty: Bool { entries.isEmpty }

    /// Of everything that is parked.
    var byteCount: Int { bytes.count }

    /// What it takes in memory: short answers take more for their entries than for their bytes.
    var heldByteCount: Int {
        isEmpty ? 0 : bytes.capacity + entries.capacity * MemoryLayout<Entry>.stride
    }

    /// - Parameters:
    ///   - content: the whole frame of an answer, or the body of a request.
    ///   - request: the header of a request.
    mutating func park(
        _ content: RawSpan,
        request: FrameHeader? = nil,
        requestID: UInt32,
        from origin: ParkedOrigin = ParkedOrigin(kind: 0, start: 0),
        until number: Number
    ) {
        if isEmpty {
            entries.reserveCapacity(usualCount)
            bytes.reserveCapacity(max(Self.capacityMin, usualByteCount, content.byteCount))
        }
        let entry = Entry(
            number: number,
            requestID: requestID,
            header: request,
            origin: origin,
            offset: bytes.count,
            byteCount: content.byteCount
        )
        content.withUnsafeBytes { bytes.append(contentsOf: $0) }
        if request != nil {
            isOutput = false
        }
        guard let last = entries.last, last.number > number else {
            return entries.append(entry)
        }
        isOutput = false
        let place = entries.lastIndex { $0.number <= number }.map { $0 + 1 } ?? 0
        entries.insert(entry, at: place)
    }

    /// Takes everything out that waits for `number` or less.
    mutating func release(through number: Number) -> Released {
        if let last = entries.last, last.number <= number {
            return release()
        }
        let count = entries.firstIndex { $0.number > number } ?? 0
        guard count > 0 else {
            return Released(entries: [], bytes: [], isOutput: true)
        }
        let all = release()
        for entry in all.entries[count...] {
            let content = all.bytes.span.bytes.extracting(entry.offset..<entry.offset + entry.byteCount)
            park(content, request: entry.header, requestID: entry.requestID, from: entry.origin, until: entry.number)
        }
        return Released(entries: all.entries[..<count], bytes: all.bytes, isOutput: false)
    }

    /// Takes everything out.
    mutating func release() -> Released {
        defer {
            entries.removeAll()
            bytes.removeAll()
            isOutput = true
        }
        if !isEmpty {
            usualCount = min(entries.count, Self.usualCountMax)
            usualByteCount = min(bytes.count, Self.usualByteCountMax)
        }
        return Released(entries: entries[...], bytes: bytes, isOutput: isOutput)
    }
}
