import Glibc
import Testing

@testable import MintmarkServer

@Suite struct DaemonExitTests {
    /// What an error ends with that is not the daemon's own: only wrong usage is the caller's fault.
    @Test(arguments: [
        (EXIT_SUCCESS, DaemonExit.stopped), (EX_USAGE, .usage), (EXIT_FAILURE, .failed), (EX_USAGE - 1, .failed),
        (EX_USAGE + 1, .failed), (-1, .failed), (255, .failed),
    ])
    func foreignErrorsAreFailures(parserCode: Int32, exit: DaemonExit) {
        #expect(DaemonExit(parserCode: parserCode) == exit)
    }
}
