#pragma once

// Asks the processor to bring the line of memory at that address near, without waiting for it. Any address will do.
static inline void prefetch_line(const void *_Nullable address) { __builtin_prefetch(address, 0, 3); }
