import Glibc
import Testing

@testable import MintmarkServer

/// What the system leaves the process, and what the process leaves the system. Each in a process of its own: limits are
/// the whole process's.
@Suite struct ResourceLimitsTests {
    /// So many connections as there are descriptors for, and never more than were asked for.
    @Test func connectionsAreBoundedByTheDescriptors() async {
        await #expect(processExitsWith: .success) {
            let reserve = ResourceLimits.descriptorsReserved
            var limit = rlimit(rlim_cur: 70, rlim_max: rlim_t(reserve + 100))
            precondition(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            // The soft limit is raised as far as is needed and allowed.
            for (configured, possible) in [(1, 1), (99, 99), (100, 100), (101, 100), (1_048_576, 100)] {
                precondition(ResourceLimits.connectionsMax(configured) == possible, "\(configured)")
            }
        }
    }

    @Test func oneConnectionIsAlwaysPossible() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 60, rlim_max: 60)
            precondition(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            precondition(ResourceLimits.connectionsMax(1_024) == 1)
        }
    }

    @Test func noCoreFileIsMadeAndNobodyLooksIn() async {
        await #expect(processExitsWith: .success) {
            precondition(ResourceLimits.isDumpable, "as every process at first")
            ResourceLimits.forbidCoreDumps()
            precondition(!ResourceLimits.isDumpable)
            var limit = rlimit()
            precondition(getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0)
            precondition(limit.rlim_cur == 0 && limit.rlim_max == 0)
        }
    }
}
