import MintmarkEngine
import MintmarkWire

/// Why a connection ends, and its last word.
extension Connection {
    /// Notes why the connection cannot go on; `proceed` says it when the answers before it are out.
    func noteFault(_ error: WireError, requestID: UInt32 = 0) {
        guard !machine.discardsInput else {
            return
        }
        worker.counters.add(.connectionFaults)
        machine.faultFound(error, requestID: requestID)
    }

    /// The errors that end a connection over one request carry its id, the others belong to no request.
    static func echoedID(of header: FrameHeader, for error: WireError) -> UInt32 {
        switch error.status {
        case .helloInvalid, .helloRepeated, .versionUnsupported: header.requestID
        case .clientUnknown, .authRequired, .authFailed: header.requestID
        default: 0
        }
    }

    func say(_ farewell: ConnectionStateMachine.Farewell) {
        deadlines.disarmAllButWrite()
        guard transport?.carriesWords ?? false else {
            if case .error(let error, _) = farewell {
                worker.counters.add(.status(error.status))
            }
            return cut()
        }
        if case .error(let error, let requestID) = farewell {
            worker.beginBurst(for: self)
            worker.appendError(error, requestID: requestID)
            flushWriter()
        }
        // From here on only a peer that reads can keep the connection.
        startWriteDeadline()
        if machine.isInputEnded {
            // Ending the sending side would end both and drop what is not sent.
            transport?.closeWhenSent()
        } else {
            transport?.endOutput { self.linger() }
        }
    }

    /// Everything was sent: input is discarded for a while, so that the peer reads the farewell before any reset.
    private func linger() {
        deadlines.write.disarm()
        startLinger()
    }
}
