import Foundation
import Testing

/// The example client was written from `Protocol/` alone; that it gets along with the daemon shows the folder suffices.
@Suite struct PythonClientTests {
    @Test(arguments: ["--unix", "--server"])
    func strangersProgramLivesThroughTheLifeOfAToken(transport: String) throws {
        let daemon = try DaemonProcess()
        let result = try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            [
                "python3", "-B",
                BuiltProducts.repository.appendingPathComponent("Protocol/examples/life_of_a_token.py").path,
                transport, transport == "--unix" ? daemon.unixPath : daemon.tcpAddress,
            ]
        )
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.hasSuffix("\nok\n"))
    }
}
