import MintmarkWire

/// A session under load: the newest refresh token it knows, as the request that uses it.
struct RefreshSession: Sendable {
    /// The frame of REFRESH with the newest token.
    private(set) var frame: [UInt8]
    private var token: Range<Int>
    private(set) var generation: UInt32
    /// Whether a refresh is underway whose answer may never have come: its successor may come again.
    private(set) var isUncertain = false
    /// Whether the token came from elsewhere, so that the first answer alone says which generation it is.
    private var isTaken: Bool

    init(refreshToken: [UInt8], generation: UInt32 = 0, isTaken: Bool = false) throws(LoadFailure) {
        (frame, token) = try Self.encode(refreshToken)
        self.generation = generation
        self.isTaken = isTaken
    }

    /// The newest refresh token.
    var refreshToken: ArraySlice<UInt8> { frame[token] }

    /// An answer came that tells nothing of whether the session was refreshed.
    mutating func outcomeUnknown() {
        isUncertain = true
    }

    /// Judges an answer, and takes its token; nil if the answer is right.
    ///
    /// Requests of a session come one after the other here: so a refresh rotates, or leaves the token as it is.
    mutating func refreshed(_ fields: RefreshResponseFields, in body: RawSpan) -> String? {
        let next = body.extracting(fields.grant.refreshToken)
        let isSame = next.withUnsafeBytes { $0.elementsEqual(frame[token]) }
        if isTaken {
            isTaken = false
            generation = fields.refreshOutcome == .unchanged ? fields.generation : fields.generation &- 1
        }
        let isRight =
            switch fields.refreshOutcome {
            case .rotated: fields.generation == generation &+ 1 && !isSame
            case .unchanged: fields.generation == generation && isSame
            case .sameSuccessor: isUncertain && fields.generation == generation &+ 1 && !isSame
            case .fastForward: isUncertain && !isSame
            }
        guard isRight else {
            return "REFRESH of generation \(generation) was answered \(fields.refreshOutcome) with generation "
                + "\(fields.generation) and \(isSame ? "the same" : "another") token"
        }
        isUncertain = false
        generation = fields.generation
        return replaceToken(with: next) ? nil : "REFRESH was answered with a token that fits into no request"
    }

    private mutating func replaceToken(with next: RawSpan) -> Bool {
        if next.byteCount == token.count {
            next.withUnsafeBytes { frame.replaceSubrange(token, with: $0) }
            return true
        }
        guard let (frame, token) = try? Self.encode(next.withUnsafeBytes { Array($0) }) else { return false }
        self.frame = frame
        self.token = token
        return true
    }

    private static func encode(_ token: [UInt8]) throws(LoadFailure) -> (frame: [UInt8], token: Range<Int>) {
        do throws(WireError) {
            var writer = FrameWriter()
            try RefreshRequest(refreshToken: token).encode(requestID: 0, into: &writer)
            let start = FrameHeader.Layout.body
            let body = writer.bytes.span.bytes.extracting(start..<writer.bytes.count)
            let place = try RefreshRequestFields(decoding: body).refreshToken
            return (writer.bytes, start + place.lowerBound..<start + place.upperBound)
        } catch {
            throw .wrongAnswer("the server gave a refresh token that fits into no request: \(error)")
        }
    }
}
