import Foundation
import MintmarkSessions
import MintmarkWire
import Testing

@testable import MintmarkEngine

/// The published conversations: `Protocol/vectors/sessions.json`.
@Suite struct SessionVectorTests {
    struct Document: Decodable {
        let scripts: [Script]
    }

    struct Script: Decodable, CustomTestStringConvertible, Sendable {
        let name: String
        let policy: Policy
        let steps: [Step]

        var testDescription: String { name }
    }

    struct Step: Decodable, Sendable {
        let at: UInt64
        let caller: String
        let request: String
        let fields: Fields
        let answer: Answer?
        let error: Failure?
    }

    struct Fields: Decodable, Sendable {
        var subject: String?
        var audience: [String]?
        var scope: String?
        var context: String?
        var attemptID: String?
        var refreshToken: String?
        var accessTokenTTL: UInt32?

        enum CodingKeys: String, CodingKey {
            case subject, audience, scope, context
            case attemptID = "attempt_id"
            case refreshToken = "refresh_token"
            case accessTokenTTL = "access_token_ttl"
        }
    }

    struct Answer: Decodable, Equatable, Sendable {
        var refreshToken: String?
        var refreshOutcome: UInt8?
        var generation: UInt32?
        var refreshExpiresIn: UInt32?
        var sessionExpiresIn: UInt32?
        var active: Bool?
        var reason: String?

        enum CodingKeys: String, CodingKey {
            case generation, active, reason
            case refreshToken = "refresh_token"
            case refreshOutcome = "refresh_outcome"
            case refreshExpiresIn = "refresh_expires_in"
            case sessionExpiresIn = "session_expires_in"
        }
    }

    struct Failure: Decodable, Equatable, Sendable {
        var status: String
        var reuseClass: UInt8?
        var field: UInt8?

        enum CodingKeys: String, CodingKey {
            case status, field
            case reuseClass = "reuse_class"
        }
    }

    static let document = Result {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        let file = root.appending(path: "Protocol/vectors/sessions.json")
        return try JSONDecoder().decode(Document.self, from: Data(contentsOf: file))
    }

    @Test(arguments: try document.get().scripts)
    func answersAreAsPublished(_ script: Script) throws {
        let conversation = try SessionConversation(script.policy.clientPolicy)
        for (number, step) in script.steps.enumerated() {
            let outcome = try conversation.take(step)
            #expect(outcome.answer == step.answer, "step \(number)")
            #expect(outcome.error == step.error, "step \(number)")
        }
    }
}

extension SessionVectorTests {
    struct Policy: Decodable, Sendable {
        let rotation: Rotation
        let graceWindowMilliseconds: UInt32
        let graceUses: UInt16
        let graceStreak: UInt16?
        let accessTokenTTL: UInt32
        let idle: UInt32
        let absolute: UInt32
        let context: String

        enum CodingKeys: String, CodingKey {
            case rotation, idle, absolute, context
            case graceWindowMilliseconds = "grace_window_ms"
            case graceUses = "grace_uses"
            case graceStreak = "grace_streak"
            case accessTokenTTL = "access_token_ttl"
        }

        var clientPolicy: ClientPolicy {
            var policy = ClientPolicy()
            policy.rotation = rotation.rule
            policy.grace = GraceRule(windowMilliseconds: graceWindowMilliseconds, uses: graceUses, streak: graceStreak)
            policy.accessTokenTTLSeconds = accessTokenTTL
            policy.idleSeconds = idle
            policy.absoluteSeconds = absolute
            policy.context =
                switch context {
                case "rotate": .rotate
                case "refuse": .refuse
                default: .ignore
                }
            return policy
        }
    }

    struct Rotation: Decodable, Sendable {
        let rule: RotationRule

        private struct After: Decodable {
            let after: UInt32
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let name = try? container.decode(String.self) {
                rule = name == "never" ? .never : .always
            } else {
                rule = .after(seconds: try container.decode(After.self).after)
            }
        }
    }
}
