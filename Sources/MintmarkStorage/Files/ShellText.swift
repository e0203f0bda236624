/// Texts that people put into a shell.
package enum ShellText {
    /// One word of a command, whatever is in it. Usual paths stay as they are.
    package static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "/", ".", "_", "-", "+", ":", "@", "%", ",", "=": true
            default: false
            }
        }
        // A word that begins with a dash would be taken for an option.
        guard isPlain, !word.isEmpty, !word.hasPrefix("-") else {
            let place = word.hasPrefix("-") ? "./\(word)" : word
            return "'" + place.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
        }
        return word
    }
}
