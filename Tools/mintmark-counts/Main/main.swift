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

/// Each is of another message than those before, as they are in life: a processor learns its way through the check of a message
/// that it meets again, and would be faster than it ever is. Signing takes the same steps whatever is signed.
func messageCount(_ operation: Operation) -> Int { operation == .verifyLibsodium ? 4_096 : 1 }

func showUsage() -> Never {
    let names = Operation.allCases.map(\.rawValue).joined(separator: " | ")
    print("usage: mintmark-counts (\(names)) COUNT")
    print("       mintmark-counts (sign_libsodium | verify_libsodium) --seconds SECONDS [--bytes COUNT]")
    print("       mintmark-counts answer")
    exit(2)
}

switch CountsRequest(arguments) {
case .count(let operation, let count)?: try operation.run(count)
case .time(let operation, let seconds, let byteCount)?:
    let count = messageCount(operation)
    guard var libsodium = try operation.libsodiumAlone(messageCount: count, messageByteCount: byteCount) else {
        showUsage()
    }
    let (perSecond, processorShare) = libsodium.timesPerSecond(for: seconds)
    print(operation.rawValue, perSecond, processorShare)
case nil: showUsage()
}
