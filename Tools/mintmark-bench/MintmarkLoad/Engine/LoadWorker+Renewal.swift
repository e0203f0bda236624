/// Connections that are replaced by new ones behind so many requests.
extension LoadWorker where World: ~Copyable {
    /// Replaces a connection that has sent all it may and has no answer to wait for.
    mutating func renewIfSpent(_ index: Int) {
        guard let reconnectEvery = plan.reconnectEvery, connections[index].isOpen else { return }
        guard connections[index].sentCount >= reconnectEvery, connections[index].inFlightCount == 0 else { return }
        // Behind the end nobody needs another one.
        guard mustGoOn(at: lastTickAt) else { return }
        world.remove(connections[index].stream)
        connections[index].end()
        do throws(SystemFault) {
            try world.beginOpening(tag: index)
            renewingCount += 1
        } catch {
            openCount -= 1
            count(.connectFailed, "\(error)")
        }
    }

    /// Takes every connection that was opened since.
    ///
    /// - Parameter refills: Whether it is filled at once.
    mutating func takeOpened(refills: Bool) {
        while let opened = world.takeOpened() {
            renewingCount -= 1
            let now = tick()
            switch opened.result {
            case .success(let stream):
                if times.measures(now) { tally.reconnects.record(nanoseconds: opened.nanoseconds) }
                replace(opened.tag, with: stream)
                if refills {
                    refill(opened.tag, at: now)
                    flush(opened.tag)
                }
            case .failure(let failure):
                openCount -= 1
                count(failure.connectionError, failure.message)
            }
        }
    }

    private mutating func replace(_ index: Int, with stream: World.Stream) {
        connections[index].reopen(with: stream)
        do throws(SystemFault) {
            try world.add(connections[index].stream, tag: index)
        } catch {
            openCount -= 1
            connections[index].abandon()
            count(.connectFailed, "\(error)")
        }
    }
}
