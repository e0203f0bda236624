import MintmarkClient
import MintmarkWire

/// The verdict on an access token.
struct VerifyAnswer: CommandAnswer {
    var verification: Verification

    var exitStatus: CommandStatus { verification.isActive ? .done : .refused }

    var json: String {
        var object = JSONObject()
        object.add("active", verification.isActive)
        switch verification {
        case .active(let claims): object.add("claims", json: claims.map { JSONText($0).singleLine })
        case .inactive(let reason): object.add(reason: reason, sentence: reason.sentence)
        }
        return object.text
    }

    func text(at now: UInt64) -> String {
        switch verification {
        case .active(let claims?): "ACTIVE\n\n" + ClaimsText.lines(claims, at: now)
        case .active(nil): "ACTIVE"
        case .inactive(let reason): "INACTIVE  \(reason): \(reason.sentence)"
        }
    }
}
