import Foundation

/// The restrictions of a unit that are made of system calls, for a program that is started without systemd.
final class SystemCallJail {
    static let isAvailable =
        (try? run(URL(fileURLWithPath: "/usr/bin/python3"), ["-c", "import seccomp"]).exitCode) == 0

    private let directory: String

    /// - Parameter unit: Its SystemCallFilter, RestrictAddressFamilies and MemoryDenyWriteExecute are what counts.
    init(_ unit: ServiceUnit) throws {
        directory = try DaemonProcess.makeDirectory()
        let description: [String: Any] = [
            "calls": try unit.systemCalls().sorted(),
            "families": unit.value("RestrictAddressFamilies")?.split(separator: " ").map(String.init) ?? [],
            "denies_writable_code": unit.value("MemoryDenyWriteExecute") == "yes",
        ]
        try JSONSerialization.data(withJSONObject: description).write(to: URL(fileURLWithPath: file("jail.json")))
        try Data(Self.script.utf8).write(to: URL(fileURLWithPath: file("jail.py")))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    func file(_ name: String) -> String { "\(directory)/\(name)" }

    /// A command line that becomes the program whose command line comes behind it.
    var launcher: [String] {
        ["/usr/bin/python3", "-B", file("jail.py"), file("jail.json")]
    }

    /// What is not let through kills the process. Calls whose names this machine's libseccomp does not know cannot be
    /// made here either.
    private static let script = """
        import json
        import mmap
        import os
        import socket
        import sys

        import seccomp

        with open(sys.argv[1]) as file:
            jail = json.load(file)
        rules = seccomp.SyscallFilter(seccomp.KILL_PROCESS)
        conditional = {"socket"}
        if jail["denies_writable_code"]:
            conditional |= {"mmap", "mprotect", "pkey_mprotect", "shmat"}
        for call in jail["calls"]:
            if call not in conditional:
                try:
                    rules.add_rule(seccomp.ALLOW, call)
                except (RuntimeError, OSError, ValueError):
                    pass
        for family in jail["families"]:
            number = getattr(socket, family)
            rules.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, number))
        if jail["denies_writable_code"]:
            for call, forbidden in (("mmap", mmap.PROT_EXEC), ("mmap", mmap.PROT_WRITE), ("mprotect", mmap.PROT_EXEC)):
                rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(2, seccomp.MASKED_EQ, forbidden, 0))
        rules.load()
        os.execv(sys.argv[2], sys.argv[2:])

        """
}
