/// A request of its own: encoded by clients, decoded by tools and tests. Servers decode in place, see `SignRequestFields`
/// and its like.
public protocol WireRequest: Hashable, Sendable {
    /// What answers the request, if no error does.
    associatedtype Response: WireResponse

    /// The kind of request this is.
    static var kind: Kind { get }

    /// Decodes the body of a request of this kind.
    init(decoding body: RawSpan) throws(WireError)

    /// Appends the request's frame.
    ///
    /// The values are not judged; that is for whoever decodes them.
    ///
    /// - Throws: TOKEN_TOO_LARGE if the frame is above the writer's limit; nothing is written then.
    func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError)
}

/// An answer of its own: decoded by clients, encoded by servers where it need not be fast.
public protocol WireResponse: Hashable, Sendable {
    /// Decodes the body of an answer of this kind.
    init(decoding body: RawSpan) throws(WireError)

    /// Appends the answer's frame.
    ///
    /// - Throws: TOKEN_TOO_LARGE if the frame is above the writer's limit; nothing is written then.
    func encode(requestID: UInt32, into writer: inout FrameWriter) throws(WireError)
}
