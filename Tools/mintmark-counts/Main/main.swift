// Runs one operation of the engine a number of times, and nothing else: for programs that count instructions and
// allocations. Synchronous, without an arguments parser, because such programs stumble over an asynchronous main.
import Glibc
import MintmarkCrypto

let arguments = Array(CommandLine.arguments.dropFirst())
guard let request = CountsRequest(arguments) else {
    let names = Operation.allCases.map(\.rawValue).joined(separator: " | ")
    print("usage: mintmark-counts (\(names)) (COUNT | --seconds SECONDS)")
    exit(2)
}
Sodium.start()
switch request.amount {
case .count(let count): try request.operation.run(count)
case .seconds(let seconds): print(request.operation.rawValue, try request.operation.timesPerSecond(for: seconds))
}
