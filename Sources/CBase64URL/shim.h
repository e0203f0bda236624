#pragma once

// Base64url (RFC 4648 section 5) without padding, 32 characters at a time by AVX2, which Swift has no names for.
// After Wojciech Muła and Daniel Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions".

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>

// Whether the processor has what `base64url_encode` and `base64url_decode` need.
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

// The values of 32 characters, six bits in a byte each. Sets a bit in `*invalid` for every character outside of the alphabet.
__attribute__((target("avx2"))) static inline __m256i base64url_values(__m256i characters, __m256i *_Nonnull invalid) {
    // What is wrong with a character is told by its halves: in the table of the upper half a bit for each row of characters of
    // which some are good (1: 0x2_, 2: 0x3_, 4: 0x4_ and 0x6_, 8: 0x5_, 16: 0x7_) and one for all others (32); in that of the
    // lower half the rows in which it is bad.
    const __m256i rows = _mm256_broadcastsi128_si256(_mm_setr_epi8(32, 32, 1, 2, 4, 8, 4, 16, 32, 32, 32, 32, 32, 32, 32, 32));
    const __m256i bad_rows = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(37, 33, 33, 33, 33, 33, 33, 33, 33, 33, 35, 59, 59, 58, 59, 51));
    // What is added to a character: by its upper half, but for the underscore, which has the place of 0x1_.
    const __m256i offsets = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        0, 63 - '_', 62 - '-', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0));

    const __m256i half = _mm256_set1_epi8(0x0F);
    const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(characters, 4), half);
    const __m256i lower = _mm256_and_si256(characters, half);
    *invalid = _mm256_or_si256(*invalid, _mm256_and_si256(_mm256_shuffle_epi8(rows, upper),
                                                          _mm256_shuffle_epi8(bad_rows, lower)));
    const __m256i is_underscore = _mm256_cmpeq_epi8(characters, _mm256_set1_epi8('_'));
    const __m256i places = _mm256_sub_epi8(upper, _mm256_and_si256(is_underscore, _mm256_set1_epi8(4)));
    return _mm256_add_epi8(characters, _mm256_shuffle_epi8(offsets, places));
}

// Writes the 24 bytes of the 32 characters at `source`.
__attribute__((target("avx2"))) static inline void base64url_decode_block(const uint8_t *_Nonnull source,
                                                                          uint8_t *_Nonnull target,
                                                                          __m256i *_Nonnull invalid) {
    const __m256i values = base64url_values(_mm256_loadu_si256((const __m256i *)source), invalid);
    // Twelve bits in two bytes, then 24 in four; of those the three that count, the first one first.
    const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
    const __m256i groups = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
    const __m256i order = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
    const __m256i together = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(groups, order),
                                                         _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
    _mm_storeu_si128((__m128i *)target, _mm256_castsi256_si128(together));
    _mm_storel_epi64((__m128i *)(target + 16), _mm256_extracti128_si256(together, 1));
}

// Writes the bytes of the `count` characters at `source`, a multiple of 4 and 32 or more, to `target`, which has room for
// exactly that. Whether all of them are in the alphabet. Only for processors with vectors.
__attribute__((target("avx2"))) static inline bool base64url_decode(const uint8_t *_Nonnull source, size_t count,
                                                                    uint8_t *_Nonnull target) {
    const uint8_t *const end = source + count;
    uint8_t *const target_end = target + count / 4 * 3;
    __m256i invalid = _mm256_setzero_si256();
    for (; end - source >= 32; source += 32, target += 24) base64url_decode_block(source, target, &invalid);
    // The last eight groups, some of them for the second time.
    if (source < end) base64url_decode_block(end - 32, target_end - 24, &invalid);
    return _mm256_testz_si256(invalid, invalid);
}
#else
static inline bool base64url_has_vectors(void) { return false; }

static inline void base64url_encode(const uint8_t *_Nonnull source, size_t count, uint8_t *_Nonnull target) {
    (void)source, (void)count, (void)target;
}

static inline bool base64url_decode(const uint8_t *_Nonnull source, size_t count, uint8_t *_Nonnull target) {
    (void)source, (void)count, (void)target;
    return false;
}
#endif
