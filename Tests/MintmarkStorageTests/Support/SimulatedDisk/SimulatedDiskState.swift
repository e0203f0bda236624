import Glibc
import MintmarkStorage
import MintmarkTestSupport

/// One call: what it is, and what it does.
struct DiskRequest<Value> {
    let operation: StorageFault.Operation
    let name: String
    var detail = ""
    /// The whole work.
    let perform: (inout DiskContents) throws(StorageFault) -> Value
    /// A part of the work, for calls that can do one.
    var performPart: ((inout DiskContents, inout SeededGenerator) throws(StorageFault) -> Value)?
    /// What is left behind when the call fails, for calls where that is not nothing.
    var leave: ((inout DiskContents, inout SeededGenerator) -> Void)?
}

/// Which calls fail, and how many there were.
struct DiskPlan {
    var faults: [DiskFault] = []
    var death: DiskDeath?
    var isDead = false
    private(set) var callCount = 0
    private var callCounts: [StorageFault.Operation: Int] = [:]

    func callCount(of operation: StorageFault.Operation) -> Int {
        callCounts[operation] ?? 0
    }

    mutating func count(_ operation: StorageFault.Operation) {
        callCount += 1
        callCounts[operation, default: 0] += 1
    }

    /// What shall become of the call counted last. Of several faults the first injected wins.
    func effect(on operation: StorageFault.Operation) -> DiskFault.Effect? {
        faults.first { $0.hits(operation, number: callCount, numberOfKind: callCount(of: operation)) }?.effect
    }
}

/// What a simulated disk consists of. Its lock guards it.
struct SimulatedDiskState {
    var contents = DiskContents()
    var plan = DiskPlan()
    var log = DiskLog()
    private(set) var life = 0
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func crash(power: SimulatedDisk.Power) {
        life += 1
        plan.isDead = false
        plan.death = nil
        switch power {
        case .kept: contents.endProcess(using: &generator)
        case .lost: contents.losePower(using: &generator)
        }
        log.note(power == .kept ? "process killed" : "power lost")
    }

    mutating func call<Value>(
        _ request: DiskRequest<Value>,
        inLife callersLife: Int?
    ) throws(StorageFault) -> Value {
        let operation = request.operation
        if plan.isDead {
            throw StorageFault(operation, request.name, code: SimulatedDisk.deadCode)
        }
        if let callersLife, callersLife != life {
            throw StorageFault(operation, request.name, code: EIO)
        }
        plan.count(operation)
        if let death = plan.death, death.number == plan.callCount {
            plan.isDead = true
            die(death.moment, at: request)
            log(request, .died(death.moment))
            throw StorageFault(operation, request.name, code: SimulatedDisk.deadCode)
        }
        do throws(StorageFault) {
            switch plan.effect(on: operation) {
            case .fail(let code):
                request.leave?(&contents, &generator)
                throw StorageFault(operation, request.name, code: code)
            case .fallShort:
                guard let performPart = request.performPart else { fallthrough }
                let value = try performPart(&contents, &generator)
                log(request, .fellShort)
                return value
            case nil:
                let value = try request.perform(&contents)
                log(request, .worked)
                return value
            }
        } catch {
            log(request, .failed(error.code))
            throw error
        }
    }

    /// What a call at which the process dies has done. Whether that worked, nobody learns.
    private mutating func die<Value>(_ moment: DiskDeath.Moment, at request: DiskRequest<Value>) {
        switch moment {
        case .before: break
        case .halfway: _ = try? request.performPart?(&contents, &generator)
        case .after: _ = try? request.perform(&contents)
        }
    }

    private mutating func log<Value>(_ request: DiskRequest<Value>, _ end: DiskCall.End) {
        log.append(
            DiskCall(
                number: plan.callCount,
                operation: request.operation,
                name: request.name,
                detail: request.detail,
                end: end
            )
        )
    }
}
