import Glibc
import MintmarkProgram

/// How a run came about: what makes two results comparable, or tells why they are not.
struct RunContext: Sendable {
    var id: String
    /// Seconds since 1970-01-01T00:00:00Z.
    var startedAt: Int
    var arguments: [String]
    /// The profile that was asked for, if one was.
    var profile: String?
    var machine: Machine

    static let build = "mintmark-bench/0.1.0"

    static func current(arguments: [String] = Array(CommandLine.arguments.dropFirst()), profile: String? = nil) -> Self
    {
        var random = SystemRandomNumberGenerator()
        return RunContext(
            id: Text.padded(String(UInt64.random(in: .min ... .max, using: &random), radix: 16), to: 16, with: "0"),
            startedAt: time(nil),
            arguments: arguments,
            profile: profile,
            machine: .current()
        )
    }
}

extension RunContext {
    var json: JSONValue {
        .object([
            ("id", .string(id)),
            ("started_at", .integer(startedAt)),
            ("arguments", .array(arguments.map(JSONValue.string))),
            ("profile", .string(profile)),
            ("build", .string(Self.build)),
            ("build_id", .string(ProgramBuild.id.map(Text.hexadecimal))),
            ("optimised", .bool(ProgramBuild.isOptimised)),
        ])
    }
}

extension Machine {
    var json: JSONValue {
        .object([
            ("processor", .string(processorModel)),
            ("processors", .integer(processors)),
            ("processors_allowed", .integer(processorsAllowed)),
            ("governor", .string(governor)),
            ("quota_cores", .number(quotaCores)),
            ("memory_bytes", .integer(memoryBytes)),
            ("kernel", .string(kernel)),
        ])
    }
}
