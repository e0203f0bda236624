import Glibc

/// Lets one thread sleep until another has something for it. A signal that comes while it works is kept.
///
/// Safe to share between threads.
package final class WakeSignal: Sendable {
    // Raw memory is not Sendable by itself: these two live as long as this object, and the functions of the system that
    // they are handed to are made for many threads.
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Guarded by the mutex.
    private nonisolated(unsafe) let isRaised = UnsafeMutablePointer<Bool>.allocate(capacity: 1)

    package init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        isRaised.initialize(to: false)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A wall clock that is set must not make anybody wait longer.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        isRaised.deallocate()
        condition.deallocate()
        mutex.deallocate()
    }

    /// Wakes the thread that waits, or the next one that would.
    package func raise() {
        pthread_mutex_lock(mutex)
        isRaised.pointee = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Sleeps until the signal is raised or ``MonotonicClock`` has come to `deadline`.
    package func wait(untilMilliseconds deadline: UInt64) {
        var time = timespec()
        let bounded = min(deadline, UInt64(Int32.max) * 1_000)
        time.tv_sec = Int(bounded / 1_000)
        time.tv_nsec = Int(bounded % 1_000) * 1_000_000
        pthread_mutex_lock(mutex)
        while !isRaised.pointee {
            guard pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT else { break }
        }
        isRaised.pointee = false
        pthread_mutex_unlock(mutex)
    }
}

/// The clock that storage's threads go by.
package enum MonotonicClock {
    /// Milliseconds since some time before the process began.
    package static var milliseconds: UInt64 {
        nanoseconds / 1_000_000
    }

    /// Nanoseconds since some time before the process began.
    package static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
