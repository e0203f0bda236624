#pragma once

// Asks the processor to bring the line of memory at that address near, without waiting for it. Any address will do.
static inline void prefetch_line(const void *_Nullable address) { __builtin_prefetch(address, 0, 3); }

// Asks for what an array keeps in front of its elements: its length, and how many refer to it.
static inline void prefetch_head(const void *_Nullable elements) { prefetch_line((const char *)elements - 16); }
