/// Whether and how long the client may send a request again by itself, when the request may have been carried out.
///
/// A request that was surely not begun is always repeated.
enum Repetition: Hashable, Sendable {
    /// Never: a second one would do something more.
    case never

    /// While no more than this much time has passed since it was sent first.
    case within(nanoseconds: UInt64)

    /// Always: a second one changes nothing, or nothing more.
    case always
}
