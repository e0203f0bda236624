/// A parser with a mistake, to see that fuzzing finds one.
package enum PlantedFuzz {
    /// Stops the process for inputs that begin with `BUG`.
    package static func run(_ input: [UInt8]) {
        guard input.count >= 3, input[0] == UInt8(ascii: "B"), input[1] == UInt8(ascii: "U") else { return }
        precondition(input[2] != UInt8(ascii: "G"), "the planted mistake")
    }
}
