/// What tells this protocol from others.
public enum ProtocolIdentity {
    /// The version that this module speaks.
    public static let version: UInt16 = 1

    /// How the protocol is called in TLS (ALPN).
    public static let alpn = "mintmark/1"

    /// The first field of every HELLO, in ASCII `MINTMARK`, as a big-endian number.
    static let magic: UInt64 = 0x4D49_4E54_4D41_524B
}
