/// Every limit of version 1: the default, and with `Ceiling` behind its name the greatest setting where that differs.
public enum Limits {
    /// Greatest value of a frame's length (bytes).
    public static let frameLengthMax = 65_536
    /// The greatest setting of `frameLengthMax` (bytes).
    public static let frameLengthMaxCeiling = 1_048_576

    /// Least value of a frame's length (bytes).
    public static let frameLengthMin = 6

    /// Greatest length of the HELLO frame (bytes).
    public static let helloLengthMax = 1_024

    /// Requests that may follow HELLO before its answer (requests).
    public static let helloPipelineRequestsMax = 16

    /// Greatest length of each of them (bytes).
    public static let helloPipelineLengthMax = 16_384

    /// Requests read and not yet answered, per connection (requests).
    public static let inFlightMax = 1_024
    /// The greatest setting of `inFlightMax` (requests).
    public static let inFlightMaxCeiling = 65_535

    /// Open connections, all listeners together (connections).
    public static let connectionsMax = 1_024
    /// The greatest setting of `connectionsMax` (connections).
    public static let connectionsMaxCeiling = 1_048_576

    /// Greatest access token, made or verified (bytes).
    public static let accessTokenLengthMax = 8_192

    /// Greatest decoded JOSE header (bytes).
    public static let headerLengthMax = 1_024

    /// Greatest kid (bytes).
    public static let keyIDLengthMax = 64

    /// Greatest custom claims of SIGN and OPEN (bytes).
    public static let claimsLengthMax = 4_096

    /// Nesting of the claims, the object itself being level 1 (levels).
    public static let claimsDepthMax = 16

    /// Nesting of the JOSE header (levels).
    public static let headerDepthMax = 2

    /// Greatest subject (bytes).
    public static let subjectLengthMax = 256

    /// Most audiences of a token (items).
    public static let audienceCountMax = 16

    /// Greatest audience (bytes).
    public static let audienceLengthMax = 256

    /// Greatest scope (bytes).
    public static let scopeLengthMax = 1_024

    /// Greatest client id (bytes).
    public static let clientIDLengthMax = 64

    /// Greatest client name (bytes).
    public static let clientNameLengthMax = 64

    /// Greatest context (bytes).
    public static let contextLengthMax = 256

    /// Greatest message of an error (bytes).
    public static let messageLengthMax = 256

    /// Greatest leeway a VERIFY can ask for (seconds).
    public static let leewaySecondsMax = 300

    /// From accept to the HELLO answer, and AUTH where owed (seconds).
    public static let handshakeTimeoutSeconds = 10
    /// The greatest setting of `handshakeTimeoutSeconds` (seconds).
    public static let handshakeTimeoutSecondsCeiling = 300

    /// From a frame's first byte to its last (seconds).
    public static let frameTimeoutSeconds = 30
    /// The greatest setting of `frameTimeoutSeconds` (seconds).
    public static let frameTimeoutSecondsCeiling = 300

    /// How long input is discarded after a closing error (seconds).
    public static let closeLingerSeconds = 1

    /// How long an OPEN's attempt id is remembered (seconds).
    public static let attemptMemorySeconds = 60
}
