/// The lines of a command's help that show how it is used.
package enum CommandExamples {
    /// What calls `program` in a discussion, a line each; where a backslash goes on in the next line, both are one.
    package static func lines(of discussion: String, calling program: String) -> [String] {
        discussion.replacing(" \\\n", with: " ").split(separator: "\n").compactMap { line in
            guard line.hasPrefix("  "), let start = line.firstRange(of: "\(program) ") else { return nil }
            return String(line[start.lowerBound...])
        }
    }

    /// The arguments behind the program's name, as a shell splits them: without quotes, and without what other programs make
    /// of the answer.
    package static func arguments(of line: String) -> [String] {
        var words: [String] = [""]
        var quote: Character?
        arguments: for character in line {
            switch character {
            case "|", "<", ">", ";", "&":
                guard quote != nil else { break arguments }
                words[words.count - 1].append(character)
            case "'", "\"": quote = quote == nil ? character : quote == character ? nil : quote
            case " " where quote == nil: words.append("")
            default: words[words.count - 1].append(character)
            }
        }
        return words.dropFirst().filter { !$0.isEmpty }
    }
}
