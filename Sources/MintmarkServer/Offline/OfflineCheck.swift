import MintmarkCrypto
import MintmarkStorage

/// `mintmarkd check`: says what a start would make of a data directory, and salvages a damaged one on request.
package enum OfflineCheck {
    /// How often a directory is read in which a daemon goes on writing: what one reading misses, the next one finds.
    private static let attemptCountMax = 3

    /// Reads the directory and changes nothing.
    ///
    /// - Parameters:
    ///   - masterKeyFile: nil: the key lies in the directory.
    ///   - signingKeys: where private halves lie outside of the directory.
    package static func run(
        _ path: String,
        masterKeyFile: String?,
        signingKeys: OfflineSigningKeys,
        asJSON: Bool
    ) throws(DaemonFailure) -> OfflineResult {
        let directory = OfflineDirectory(path, masterKeyFile: masterKeyFile)
        do throws(DaemonFailure) {
            let report = try report(on: directory, signingKeys)
            return OfflineResult(text: asJSON ? report.json : report.text, exitCode: report.exitCode)
        } catch {
            guard asJSON else { throw error }
            return OfflineResult(text: CheckReport.json(for: error, directory.path), exitCode: error.exitCode)
        }
    }

    private static func report(
        on directory: OfflineDirectory,
        _ signingKeys: OfflineSigningKeys
    ) throws(DaemonFailure) -> CheckReport {
        var (disk, isInUse) = try directory.inspect()
        let keys = try directory.keys()
        let wallSeconds = ServerClock.wallMilliseconds / 1_000
        var attempt = 1
        while true {
            let findings = StoreCheck.run(
                disk,
                masters: keys.map(\.master),
                wallSeconds: wallSeconds,
                random: SystemRandom()
            )
            let keyFindings = try signingKeys.check(directory, disk, master: keys[findings.masterIndex ?? 0].master)
            // One that started meanwhile changes what is being read.
            if !isInUse {
                isInUse = try directory.inspect().isInUse
            }
            let report = CheckReport(
                path: directory.path,
                isInUse: isInUse,
                keyFile: findings.masterIndex.map { keys[$0].name },
                findings: findings,
                keys: keyFindings,
                wallSeconds: wallSeconds
            )
            if report.isRefused, isInUse, attempt < attemptCountMax {
                attempt += 1
                continue
            }
            return report
        }
    }

    /// Writes a damaged store anew from what can be read of it, after having kept every file.
    ///
    /// - Parameter announce: is given what will be done before anything is changed.
    package static func salvage(
        _ path: String,
        masterKeyFile: String?,
        signingKeys: OfflineSigningKeys,
        asJSON: Bool,
        announce: (String) -> Void
    ) throws(DaemonFailure) -> OfflineResult {
        let directory = OfflineDirectory(path, masterKeyFile: masterKeyFile)
        do throws(DaemonFailure) {
            let disk = try directory.lock()
            let keys = try directory.keys()
            let keyFindings = try signingKeys.check(directory, disk, master: keys[0].master)
            let (salvage, plan) = try plan(disk, keys.map(\.master), keyFindings)
            var report = SalvageReport(path: directory.path, plan: plan, keys: keyFindings)
            if !asJSON {
                announce(report.planText)
            }
            do throws(SnapshotFailure) {
                let outcome = try salvage.carryOut(plan)
                report.outcome = outcome
                let text = asJSON ? report.json : report.outcomeText(outcome)
                return OfflineResult(text: text, exitCode: OfflineExit.sound)
            } catch {
                throw DaemonFailure(
                    "writing the store anew: \(error)\nThe directory is as it was before, or salvaged: check it again.",
                    exitCode: OfflineExit.unusable
                )
            }
        } catch {
            guard asJSON else { throw error }
            return OfflineResult(text: CheckReport.json(for: error, directory.path), exitCode: error.exitCode)
        }
    }

    /// Goes by the first key that opens anything.
    private static func plan(
        _ disk: DiskDirectory,
        _ masters: [SecretBytes],
        _ keys: KeyFindings
    ) throws(DaemonFailure) -> (Salvage, SalvagePlan) {
        var refusal: SalvageRefusal?
        for master in masters {
            let salvage = Salvage(
                disk,
                master: master,
                wallMilliseconds: ServerClock.wallMilliseconds,
                random: SystemRandom()
            )
            do throws(SalvageRefusal) {
                return (salvage, try salvage.plan())
            } catch {
                guard case .opensNothing = error else {
                    refusal = error
                    break
                }
                refusal = refusal ?? error
            }
        }
        guard let refusal else { preconditionFailure("a salvage without a master key") }
        if case .notDamaged = refusal, let failure = keys.failure {
            throw DaemonFailure(
                "the sessions are not damaged, but a start refuses, and salvage does not help: the signing keys cannot be "
                    + "used: \(failure); nothing was changed",
                exitCode: OfflineExit.unusable
            )
        }
        throw DaemonFailure("\(refusal); nothing was changed", exitCode: exitCode(of: refusal))
    }

    private static func exitCode(of refusal: SalvageRefusal) -> Int32 {
        switch refusal {
        case .notDamaged(let findings): CheckReport.exitCode(of: findings.verdict)
        case .absent, .notForSalvage, .opensNothing, .noSnapshot, .noEpoch: OfflineExit.unusable
        }
    }
}
