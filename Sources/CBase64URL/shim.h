#pragma once

// Base64url (RFC 4648 section 5) without padding, 32 characters at a time by AVX2, which Swift has no names for.
// After Wojciech Muła and Daniel Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions".

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>

// Whether the processor has what `base64url_encode` needs.
static inline bool base64url_has_vectors(void) { return __builtin_cpu_supports("avx2"); }

// The characters of four groups of three bytes in each half. A lane holds the bytes of a group in the order 1 0 2 1.
__attribute__((target("avx2"))) static inline __m256i base64url_characters(__m256i groups) {
    // Each group's four values of six bits, shifted to a byte of their own by multiplying.
    const __m256i first_and_third =
        _mm256_mulhi_epu16(_mm256_and_si256(groups, _mm256_set1_epi32(0x0FC0FC00)), _mm256_set1_epi32(0x04000040));
    const __m256i second_and_fourth =
        _mm256_mullo_epi16(_mm256_and_si256(groups, _mm256_set1_epi32(0x003F03F0)), _mm256_set1_epi32(0x01000010));
    const __m256i values = _mm256_or_si256(first_and_third, second_and_fourth);

    // What is added to a value: 13 stands for A-Z, 0 for a-z, 1 to 10 for 0-9, 11 and 12 for the last two.
    const __m256i is_upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
    const __m256i range = _mm256_or_si256(_mm256_subs_epu8(values, _mm256_set1_epi8(51)),
                                          _mm256_and_si256(is_upper, _mm256_set1_epi8(13)));
    const char digit = '0' - 52;
    const __m256i offsets = _mm256_broadcastsi128_si256(
        _mm_setr_epi8('a' - 26, digit, digit, digit, digit, digit, digit, digit, digit, digit, digit, '-' - 62, '_' - 63,
                      'A', 0, 0));
    return _mm256_add_epi8(values, _mm256_shuffle_epi8(offsets, range));
}

// Writes the sixteen characters of the twelve bytes that begin `skipped` bytes behind `source`, where sixteen can be read.
__attribute__((target("avx2"))) static inline void base64url_encode_block(const uint8_t *_Nonnull source, char skipped,
                                                                          uint8_t *_Nonnull target) {
    const __m128i spread = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    const __m128i bytes = _mm_loadu_si128((const __m128i *)source);
    const __m128i groups = _mm_shuffle_epi8(bytes, _mm_add_epi8(spread, _mm_set1_epi8(skipped)));
    const __m256i characters = base64url_characters(_mm256_castsi128_si256(groups));
    _mm_storeu_si128((__m128i *)target, _mm256_castsi256_si128(characters));
}

// Writes the one or two bytes of an incomplete group as two or three characters.
static inline void base64url_encode_rest(const uint8_t *_Nonnull source, size_t count, uint8_t *_Nonnull target) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned int group = (unsigned int)source[0] << 8 | (count > 1 ? source[1] : 0);
    target[0] = alphabet[group >> 10];
    target[1] = alphabet[group >> 4 & 63];
    if (count > 1) target[2] = alphabet[group << 2 & 63];
}

// Writes the encoding of the `count` bytes at `source`, 16 or more, to `target`, which has room for exactly that. Only for
// processors with vectors.
__attribute__((target("avx2"))) static inline void base64url_encode(const uint8_t *_Nonnull source, size_t count,
                                                                    uint8_t *_Nonnull target) {
    const size_t group_count = count / 3;
    const uint8_t *const end = source + count;
    const uint8_t *const groups_end = source + group_count * 3;
    uint8_t *const target_end = target + group_count * 4;
    base64url_encode_block(source, 0, target);
    source += 12;
    target += 16;

    // 24 bytes in the middle of the 32 that are loaded, so that each half has twelve of them.
    const __m256i spread = _mm256_setr_epi8(5, 4, 6, 5, 8, 7, 9, 8, 11, 10, 12, 11, 14, 13, 15, 14,  //
                                            1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    for (; end - source >= 28; source += 24, target += 32) {
        const __m256i bytes = _mm256_loadu_si256((const __m256i *)(source - 4));
        const __m256i characters = base64url_characters(_mm256_shuffle_epi8(bytes, spread));
        _mm256_storeu_si256((__m256i *)target, characters);
    }
    // Of the sixteen bytes that are loaded the last twelve: there may be less than sixteen before the end.
    for (; groups_end - source >= 12; source += 12, target += 16) base64url_encode_block(source - 4, 4, target);

    // The last four groups, some of them for the second time: in the last sixteen bytes, before an incomplete group.
    const size_t rest_count = (size_t)(end - groups_end);
    if (source < groups_end) base64url_encode_block(end - 16, (char)(4 - rest_count), target_end - 16);
    if (rest_count > 0) base64url_encode_rest(groups_end, rest_count, target_end);
}
#else
static inline bool base64url_has_vectors(void) { return false; }

static inline void base64url_encode(const uint8_t *_Nonnull source, size_t count, uint8_t *_Nonnull target) {
    (void)source, (void)count, (void)target;
}
#endif
