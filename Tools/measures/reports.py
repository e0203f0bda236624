"""Reads what a report of mintmark-bench tells."""

import base64
import struct
import zlib

from measures.judging import Invalid


def rate(report, operation):
    """Right answers in a second."""
    return report["operations"][operation]["completed_per_second"]


def percentile_us(report, operation, percentile="p99"):
    """A percentile of the times from when each was due."""
    value = report["operations"][operation]["latency_us"][percentile]
    if value is None:
        raise Invalid(f"there were too few answers for {percentile}")
    return value


def values_of(encoded):
    """The values of a histogram, V2 of HdrHistogram in base64, each with its count; the greatest of those that are counted
    alike."""
    packed = base64.b64decode(encoded)
    cookie, length = struct.unpack_from(">ii", packed)
    text = zlib.decompress(packed[8 : 8 + length])
    inner, length, _, digits, least, _, _ = struct.unpack_from(">iiiiqqd", text)
    if (cookie & ~0xF0, inner & ~0xF0) != (0x1C849304, 0x1C849303):
        raise Invalid("a histogram of the report cannot be read")
    unit = least.bit_length() - 1
    half_bits = (2 * 10**digits - 1).bit_length() - 1
    counts, place, position = [], 0, 40
    while position < 40 + length:
        number = shift = 0
        for read in range(9):
            byte = text[position]
            position += 1
            # The ninth byte of a number is whole.
            number |= (byte if read == 8 else byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        count = number >> 1 ^ -(number & 1)
        if count < 0:
            place -= count
            continue
        if count:
            bucket = max(0, (place >> half_bits) - 1)
            inside = place if place < 2 << half_bits else (place & (1 << half_bits) - 1) + (1 << half_bits)
            counts.append((((inside + 1) << bucket + unit) - 1, count))
        place += 1
    return counts


def answered_in_time(report, operation, deadline_seconds):
    """How many right answers a second came within the deadline, counted from when the request was due."""
    values = values_of(report["operations"][operation]["histograms"]["response"])
    all_count = sum(count for _, count in values)
    in_time = sum(count for value, count in values if value <= deadline_seconds * 1e9)
    return rate(report, operation) * in_time / all_count if all_count else 0.0
