// Runs one operation of the engine a number of times, and nothing else: for programs that count instructions and
// allocations. Synchronous, without an arguments parser, because such programs stumble over an asynchronous main.
// With `answer` it serves instead, on a port that it prints, and costs as little as a server can: for whoever measures a generator.
import Glibc
import MintmarkCrypto

let arguments = Array(CommandLine.arguments.dropFirst())
Sodium.start()
if arguments == ["answer"] {
    var answerer = try Answerer.make()
    print(answerer.port)
    fflush(nil)
    try answerer.run()
}
guard let request = CountsRequest(arguments) else {
    let names = Operation.allCases.map(\.rawValue).joined(separator: " | ")
    print("usage: mintmark-counts (\(names)) (COUNT | --seconds SECONDS) [--bytes COUNT]")
    print("       mintmark-counts answer")
    exit(2)
}
switch request.amount {
case .count(let count): try request.operation.run(count, messageByteCount: request.messageByteCount)
case .seconds(let seconds):
    let (count, processorShare) = try request.timesPerSecond(for: seconds)
    print(request.operation.rawValue, count, processorShare)
}
