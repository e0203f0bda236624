#pragma once

// Asks the processor to bring the line of memory at that address near, without waiting for it. Any address will do.
static inline void prefetch_line(const void *_Nullable address) { __builtin_prefetch(address, 0, 3); }

enum { prefetch_line_byte_count = 64 };

// Asks for the lines from `start` on. The one with the byte before `end` may be missed, unless a line begins at `start`.
static inline void prefetch_lines(const void *_Nonnull start, const void *_Nonnull end) {
    for (const char *line = start; line < (const char *)end; line += prefetch_line_byte_count) prefetch_line(line);
}

// Asks for what an array keeps in front of its elements: its length, and how many refer to it.
static inline void prefetch_head(const void *_Nullable elements) { prefetch_line((const char *)elements - 16); }
