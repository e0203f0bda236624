// Linked into tests and programs by `Tools/test --sanitize thread`, and into nothing else.
//
// Swift's Mutex takes its lock with one atomic operation, which is compiled into the code that asks and so is seen by the
// sanitizer. Only when another thread holds the lock does it call its runtime library, which lets the kernel hand the lock
// over. That library is built without the sanitizer, which then takes the two owners for unordered. So these functions
// stand in front of the library's own: they call them, and tell the sanitizer what they did. With that it judges data that
// a Mutex guards as it judges all other data, and nothing has to be suppressed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define lock_slow_name "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define try_lock_slow_name "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define unlock_slow_name "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Methods of Swift: `self` comes in a register of its own.
#define method __attribute__((swiftcall))
#define self_context __attribute__((swift_context))

void __tsan_acquire(void *address);
void __tsan_release(void *address);

// The function of that name in the library that this one stands in front of.
static void *behind(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) abort();
    return function;
}

method void lock_slow(uint32_t thread, self_context void *handle) __asm__(lock_slow_name);
method void lock_slow(uint32_t thread, self_context void *handle) {
    typedef method void function(uint32_t, self_context void *);
    ((function *)behind(lock_slow_name))(thread, handle);
    __tsan_acquire(handle);
}

method bool try_lock_slow(self_context void *handle) __asm__(try_lock_slow_name);
method bool try_lock_slow(self_context void *handle) {
    typedef method bool function(self_context void *);
    bool is_locked = ((function *)behind(try_lock_slow_name))(handle);
    if (is_locked) __tsan_acquire(handle);
    return is_locked;
}

method void unlock_slow(self_context void *handle) __asm__(unlock_slow_name);
method void unlock_slow(self_context void *handle) {
    typedef method void function(self_context void *);
    __tsan_release(handle);
    ((function *)behind(unlock_slow_name))(handle);
}
