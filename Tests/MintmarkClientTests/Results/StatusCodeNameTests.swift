import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("Statuses by name")
struct StatusCodeNameTests {
    private static let codes: [(code: StatusCode, status: Status)] = [
        (.frameLength, .frameLength),
        (.helloExpected, .helloExpected),
        (.helloInvalid, .helloInvalid),
        (.helloRepeated, .helloRepeated),
        (.versionUnsupported, .versionUnsupported),
        (.pipelineTooEarly, .pipelineTooEarly),
        (.authRequired, .authRequired),
        (.authFailed, .authFailed),
        (.requestIDZero, .requestIDZero),
        (.handshakeTimeout, .handshakeTimeout),
        (.frameTimeout, .frameTimeout),
        (.shuttingDown, .shuttingDown),
        (.tlsRequired, .tlsRequired),
        (.clientGone, .clientGone),
        (.clientUnknown, .clientUnknown),
        (.kindUnknown, .kindUnknown),
        (.flagsUnsupported, .flagsUnsupported),
        (.fieldUnknown, .fieldUnknown),
        (.fieldOrder, .fieldOrder),
        (.fieldDuplicate, .fieldDuplicate),
        (.fieldLengthForm, .fieldLengthForm),
        (.fieldTruncated, .fieldTruncated),
        (.fieldSize, .fieldSize),
        (.fieldValue, .fieldValue),
        (.fieldMissing, .fieldMissing),
        (.fieldConflict, .fieldConflict),
        (.claimsInvalid, .claimsInvalid),
        (.claimsDuplicate, .claimsDuplicate),
        (.claimsReserved, .claimsReserved),
        (.ttlTooLong, .ttlTooLong),
        (.tokenTooLarge, .tokenTooLarge),
        (.notPermitted, .notPermitted),
        (.authNotOwed, .authNotOwed),
        (.notConfigured, .notConfigured),
        (.keyState, .keyState),
        (.keyNotFound, .keyNotFound),
        (.keyFileRefused, .keyFileRefused),
        (.invalid, .invalid),
        (.unknown, .unknown),
        (.revoked, .revoked),
        (.expired, .expired),
        (.reused, .reused),
        (.clientMismatch, .clientMismatch),
        (.contextMismatch, .contextMismatch),
        (.scopeExceeded, .scopeExceeded),
        (.graceExhausted, .graceExhausted),
        (.sessionCap, .sessionCap),
        (.tokenMalformed, .tokenMalformed),
        (.tokenOversize, .tokenOversize),
        (.algorithmRefused, .algorithmRefused),
        (.headerRefused, .headerRefused),
        (.typeRefused, .typeRefused),
        (.keyUnknown, .keyUnknown),
        (.keyRevoked, .keyRevoked),
        (.signatureInvalid, .signatureInvalid),
        (.claimsRefused, .claimsRefused),
        (.issuerRefused, .issuerRefused),
        (.audienceRefused, .audienceRefused),
        (.tokenExpired, .tokenExpired),
        (.tokenNotYetValid, .tokenNotYetValid),
        (.tokenRevoked, .tokenRevoked),
        (.sessionNotLive, .sessionNotLive),
        (.notReady, .notReady),
        (.busy, .busy),
        (.storeFull, .storeFull),
        (.cutOffsFull, .cutOffsFull),
        (.rateLimited, .rateLimited),
        (.storage, .storage),
        (.internal, .internal),
        (.audit, .audit),
    ]

    @Test("every status has its name as a code")
    func names() {
        for (code, status) in Self.codes {
            #expect(code.status == status)
        }
        #expect(Self.codes.map(\.status) == Status.allCases)
    }
}
