// Runs one operation of the engine a number of times, and nothing else: for programs that count instructions and
// allocations. Synchronous, without arguments parser, because such programs stumble over an asynchronous main.
import Glibc
import MintmarkCrypto

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 2, let name = arguments.first, let operation = Operation(rawValue: name),
    let count = arguments.last.flatMap(Int.init), count >= 0
else {
    print("usage: mintmark-counts (\(Operation.allCases.map(\.rawValue).joined(separator: " | "))) COUNT")
    exit(2)
}
Sodium.start()
try operation.run(count)
