import MintmarkProgram
import Testing

@Suite("Times on the command line")
struct SecondsTextTests {
    @Test(arguments: [
        ("0", 0), ("10", 10), ("0.5", 0.5), ("500ms", 0.5), ("90s", 90), ("1.5m", 90), ("1h", 3_600),
        ("30d", 2_592_000), ("-1", -1), ("-1s", -1), ("1.", 1), (".5", 0.5),
    ])
    func secondsAreRead(text: String, seconds: Double) {
        #expect(SecondsText.seconds(text) == seconds)
    }

    @Test(arguments: [
        "", "s", "ms", "1 s", "1S", "1w", "1min", "--1s", "+1s", "0x1s", "0x10", "1e3s", "1e3", "1.2.3s", "1.2.3", ".s",
        ".", "-", "nan", "nans", "inf", "s1",
    ])
    func anythingElseIsNone(text: String) {
        #expect(SecondsText.seconds(text) == nil)
    }

    @Test(arguments: [
        ("0", 0), ("5m", 300), ("1.5m", 90), ("2000ms", 2), ("1.1h", 3_960), ("0.55h", 1_980), ("2.05m", 123),
        ("1.1d", 95_040), ("4294967295", UInt32.max), ("4294967295s", UInt32.max),
    ])
    func wholeSecondsAreRead(text: String, seconds: UInt32) {
        #expect(SecondsText.wholeSeconds(text) == seconds)
    }

    @Test(arguments: [
        "1.5", "500ms", "0.01m", "4.000002", "3.999998", "0.0000001s", "-0.0000001", "-1", "4294967296", "49711d",
        "nan", "inf",
    ])
    func partsOfSecondsAndMoreThanFitAreNone(text: String) {
        #expect(SecondsText.wholeSeconds(text) == nil)
    }
}
