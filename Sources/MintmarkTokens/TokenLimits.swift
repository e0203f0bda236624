/// The limits this module enforces. Their values are those of the protocol's registry; a test holds them against it.
package enum TokenLimits {
    /// Greatest access token, made or verified, in bytes.
    package static let accessTokenLengthMax = 8192
    /// Greatest decoded JOSE header, in bytes.
    package static let headerLengthMax = 1024
    /// Greatest `kid`, in bytes.
    package static let keyIDLengthMax = 64
    /// Greatest custom claims object, in bytes.
    package static let claimsLengthMax = 4096
    /// Nesting of a claims object, the object itself being level 1.
    package static let claimsDepthMax = 16
    /// Nesting of a JOSE header, the object itself being level 1.
    package static let headerDepthMax = 2
    /// Greatest number in JSON, in characters.
    package static let numberLengthMax = 128
    /// Greatest decimal order of magnitude of a number in JSON, up and down.
    ///
    /// Inside ±307 every number is a finite, normal IEEE 754 double, so no reader turns it into infinity or zero.
    package static let numberMagnitudeMax = 307
}
