import MintmarkTokens

/// Bytes as JSON objects, read by the scanner and by a second reader that shares no line with it.
///
/// Both take the same texts.
package enum JSONFuzz {
    private static let depthMax = 16

    /// Stops the process when something is not as it should be.
    package static func run(_ input: [UInt8]) {
        var scratch = JSONScratch()
        let isTaken = (try? JSONScanner.scan(input.span.bytes, depthMax: depthMax, into: &scratch)) != nil
        let isSound = SecondJSONReader.isObject(input, depthMax: depthMax)
        precondition(isTaken == isSound, "two readers of one text disagree")
        guard isTaken else { return }
        for member in scratch.members {
            precondition(member.value.range.upperBound <= input.count, "a value lies in its text")
        }
    }
}
