import MintmarkWire

extension StatusCode {
    /// What the status means, for people: a sentence without its capital letter and its full stop.
    var sentence: String { status?.sentence ?? "a status that this version does not know" }

    /// The same of a refresh token that was looked at and not used: nothing has happened to its session.
    var sentenceBeforeUse: String {
        status == .reused ? "the refresh token was rotated away before; using it would end its session" : sentence
    }
}

extension JSONObject {
    /// Why a token is inactive: the status by name and number, and its sentence.
    mutating func add(reason: StatusCode, sentence: String) {
        add("reason", reason.description)
        add("reason_number", reason.rawValue)
        add("reason_description", sentence)
    }
}
