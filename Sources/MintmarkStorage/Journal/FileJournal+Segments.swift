import MintmarkSessions

/// From one segment to the next. Everything here takes the writer's lock or is called with it, and may wait for the disk.
extension FileJournal {
    /// Begins a new segment, and gives its number: whatever is appended from now on is in it or in later ones. Where
    /// there is no room for it the journal goes on in the segment that it has. Where it cannot be made for another reason,
    /// nothing is taken until it can: it may be that the directory is gone.
    package func beginSegment(atMilliseconds now: UInt64) throws(StorageFault) -> UInt64 {
        do throws(StorageFault) {
            return try busy(fromMilliseconds: now) { () throws(StorageFault) in
                try withWriter { (writer) throws(StorageFault) in
                    guard writer.state == .open else { throw writer.state.fault ?? Self.closedFault }
                    try checkName(&writer)
                    let room = try findRoom(&writer)
                    if let fault = changeSegment(&writer, to: room) {
                        throw fault
                    }
                    return writer.nextSegmentNumber - 1
                }
            }
        } catch {
            notify(serviceMilliseconds: serviceMilliseconds)
            throw error
        }
    }

    private static let closedFault = StorageFault(.open, ".", code: 0)

    /// Finds room, ends the segment under way and goes on in the next one. Gives the fault that stands in the way, after
    /// having taken its consequences.
    func changeSegment(_ writer: inout JournalWriter) -> StorageFault? {
        let room: SegmentRoom
        do throws(StorageFault) {
            // First of all, so that a full disk is met while the segment under way is as it was.
            room = try writer.findRoom()
        } catch {
            stall(&writer, error)
            return error
        }
        return changeSegment(&writer, to: room)
    }

    /// Finds room for a segment that is not needed yet.
    private func findRoom(_ writer: inout JournalWriter) throws(StorageFault) -> SegmentRoom {
        do throws(StorageFault) {
            return try writer.findRoom()
        } catch {
            if !error.isDiskFull {
                stall(&writer, error)
            }
            throw error
        }
    }

    private func checkName(_ writer: inout JournalWriter) throws(StorageFault) {
        do throws(StorageFault) {
            try writer.checkName()
        } catch {
            fail(&writer, error)
            throw error
        }
    }

    private func changeSegment(_ writer: inout JournalWriter, to room: SegmentRoom) -> StorageFault? {
        do throws(StorageFault) {
            try writer.finishSegment()
        } catch {
            room.giveUp()
            fail(&writer, error)
            return error
        }
        do throws(StorageFault) {
            try writer.makeSegment(.continuation, in: room)
        } catch {
            if error.operation == .synchronizeDirectory {
                // It has its name, and nobody knows whether the disk knows.
                fail(&writer, error)
            } else {
                stall(&writer, error)
            }
            return error
        }
        return nil
    }
}
