/// The threads of a run that consists of handshakes: each opens one connection at a time.
enum HandshakeThreads {
    static func start(
        _ plan: LoadPlan,
        _ address: ServerAddress,
        _ times: RunTimes,
        _ progress: LoadProgress
    ) throws(LoadFailure) -> [PreparedLoad.Thread] {
        let queue = HandshakeQueue(plan)
        var threads: [PreparedLoad.Thread] = []
        for _ in 0..<plan.threads {
            threads.append(try WorkerThread { work(plan, address, times, progress, queue) })
        }
        return threads
    }

    private static func work(
        _ plan: LoadPlan,
        _ address: ServerAddress,
        _ times: RunTimes,
        _ progress: LoadProgress,
        _ queue: HandshakeQueue
    ) -> Result<WorkerResult, SystemFault> {
        do throws(SystemFault) {
            let world = try KernelWorld(address: address, eventsMax: 1, openNanosecondsMax: plan.timeoutNanoseconds)
            var worker = HandshakeWorker(plan, times, progress, queue, world: world)
            return .success(worker.run())
        } catch {
            return .failure(error)
        }
    }
}
