import MintmarkWire
import Testing

@testable import MintmarkClient
@testable import MintmarkCommand

@Suite("Statistics")
struct StatsAnswerTests {
    private static func answer(isReady: Bool, _ reasons: [String], showsZeros: Bool) -> StatsAnswer {
        let response = StatsResponse(
            serverBuild: "mintmarkd/9",
            serverTime: 1_000,
            counters: [
                Counter(name: "requests_sign", value: 12),
                Counter(name: "requests_open", value: 0),
                Counter(name: "bytes_read", value: 123_456),
            ],
            isReady: isReady,
            readinessReasons: reasons,
            buildID: [0x0A, 0xFF],
            settings: ["threads=2", "storage.durability=interval:100ms"],
            settingsDigest: Array(repeating: 0xC0, count: 2)
        )
        return StatsAnswer(statistics: ServerStatistics(response), showsZeros: showsZeros)
    }

    @Test("people see what was counted")
    func withoutZeros() {
        let text = Self.answer(isReady: true, [], showsZeros: false).text(at: 0)
        #expect(
            text == """
                server  mintmarkd/9
                build   0aff
                time    1970-01-01T00:16:40Z
                ready   yes

                threads             2
                storage.durability  interval:100ms

                requests_sign      12
                bytes_read     123456
                """
        )
    }

    @Test("people see everything if they want, and why the server is not ready")
    func withZeros() {
        let text = Self.answer(isReady: false, ["loading", "no key"], showsZeros: true).text(at: 0)
        #expect(
            text == """
                server   mintmarkd/9
                build    0aff
                time     1970-01-01T00:16:40Z
                ready    no
                because  loading
                because  no key

                threads             2
                storage.durability  interval:100ms

                requests_sign      12
                requests_open       0
                bytes_read     123456
                """
        )
    }

    @Test("scripts see everything", arguments: [true, false])
    func json(showsZeros: Bool) {
        let answer = Self.answer(isReady: false, ["loading"], showsZeros: showsZeros)
        #expect(answer.exitStatus == .done)
        #expect(
            answer.json == #"""
                {"ready":false,"readiness_reasons":["loading"],"server_build":"mintmarkd/9",\#
                "build_id":"0aff","server_time":1000,\#
                "settings":{"threads":"2","storage.durability":"interval:100ms"},"settings_digest":"c0c0",\#
                "counters":{"requests_sign":12,"requests_open":0,"bytes_read":123456}}
                """#
        )
    }
}
