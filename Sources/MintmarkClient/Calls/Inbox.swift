import NIOConcurrencyHelpers

/// Where tasks leave their calls for the event loop.
///
/// Lock-guarded, with tiny critical sections; everything behind it belongs to the event loop alone. The event loop is
/// woken once for all calls that come before it looks, so that they leave in one write.
final class Inbox: Sendable {
    /// What the event loop finds when it looks.
    struct Batch: Sendable {
        var submissions: [(id: CallID, call: Call)] = []
        /// Calls nobody waits for any more. Each was submitted in this batch or an earlier one.
        var cancellations: [CallID] = []
    }

    /// What the submitter has to do.
    enum SubmitAction {
        /// Wake the event loop.
        case wake
        /// Nothing: it was woken.
        case none
        /// Complete the call: it was cancelled before it was submitted.
        case cancelled(Call)
        /// Complete the call: the inbox takes no more.
        case closed(Call)
    }

    private enum Phase {
        case free
        case reserved
        case cancelledEarly
        case submitted
    }

    private struct State {
        var batch = Batch()
        var slots: [(serial: UInt32, phase: Phase)] = []
        var freeSlots: [Int] = []
        var isWakeupUnderWay = false
        var isClosed = false

        mutating func free(_ id: CallID) {
            slots[id.slot].phase = .free
            freeSlots.append(id.slot)
        }

        /// True for the first one that finds something left for the event loop.
        mutating func wake() -> Bool {
            defer { isWakeupUnderWay = true }
            return !isWakeupUnderWay
        }
    }

    private let state = NIOLockedValueBox(State())

    /// Names a call that will be submitted.
    func reserve() -> CallID {
        state.withLockedValue { state in
            if let slot = state.freeSlots.popLast() {
                state.slots[slot].serial &+= 1
                state.slots[slot].phase = .reserved
                return CallID(slot: slot, serial: state.slots[slot].serial)
            }
            state.slots.append((serial: 0, phase: .reserved))
            return CallID(slot: state.slots.count - 1, serial: 0)
        }
    }

    /// Leaves a call under its name.
    func submit(_ id: CallID, _ call: Call) -> SubmitAction {
        state.withLockedValue { state in
            if state.slots[id.slot].phase == .cancelledEarly {
                state.free(id)
                return .cancelled(call)
            }
            guard !state.isClosed else {
                state.free(id)
                return .closed(call)
            }
            state.slots[id.slot].phase = .submitted
            state.batch.submissions.append((id: id, call: call))
            return state.wake() ? .wake : .none
        }
    }

    /// Nobody waits for a call any more. Returns whether to wake the event loop.
    func cancel(_ id: CallID) -> Bool {
        state.withLockedValue { state in
            // The call may have ended meanwhile, and its slot may be another's.
            guard state.slots[id.slot].serial == id.serial else { return false }
            switch state.slots[id.slot].phase {
            case .free, .cancelledEarly:
                return false
            case .reserved:
                state.slots[id.slot].phase = .cancelledEarly
                return false
            case .submitted:
                state.batch.cancellations.append(id)
                return state.wake()
            }
        }
    }

    /// Takes no more calls from now on.
    func close() {
        state.withLockedValue { $0.isClosed = true }
    }

    /// Takes what is there, in exchange for an empty batch.
    func take(into batch: inout Batch) {
        state.withLockedValue { state in
            swap(&state.batch, &batch)
            state.isWakeupUnderWay = false
        }
    }

    /// Gives back the names of calls that have ended.
    func release(_ ids: [CallID]) {
        state.withLockedValue { state in
            for id in ids {
                state.free(id)
            }
        }
    }
}
