import Foundation
import Testing

/// A disk that hangs while the daemon stops. It takes longer than a minute, so `Tools/test --long` runs it; that each stop is
/// watched is `ShutdownTests`, in every run.
@Suite(
    .enabled(if: ProcessInfo.processInfo.environment["TESTS_LONG"] != nil),
    .disabled(if: Sanitizer.isThere, PreloadedLibrary.reasonAgainst)
)
struct HungStopTests {
    /// No sync comes back that begins while there is a file with the name that `HUNG_WHILE` says.
    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <unistd.h>
        static int synced(const char *name, int file) {
            while (access(getenv("HUNG_WHILE"), F_OK) == 0) pause();
            return ((int (*)(int))dlsym(RTLD_NEXT, name))(file);
        }
        int fsync(int file) { return synced("fsync", file); }
        int fdatasync(int file) { return synced("fdatasync", file); }
        """

    @Test func aStopWhoseLastSnapshotIsNeverSyncedEndsAsAKillWould() throws {
        let home = try TemporaryHome()
        let hung = home.file("hung")
        let daemon = try DaemonProcess(
            configuration: "limits: {shutdown_timeout: 100ms}\n",
            environment: ["LD_PRELOAD": try PreloadedLibrary.make(Self.source, in: home), "HUNG_WHILE": hung]
        )
        let opened = try daemon.mintmark("open", "--subject", "alice", "--audience", "orders")
        #expect(opened.exitCode == 0, "\(opened)")
        try home.write("", to: "hung")
        #expect(daemon.stop() == 1)
        #expect(daemon.waitForLog("ending as a kill would"))
        try FileManager.default.removeItem(atPath: hung)
        let next = try DaemonProcess(directory: daemon.directory)
        #expect(next.logText.contains("sessions=1"), "\(next.logText)")
    }
}
