# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Products of a text's states with matrices of eight bits, which `reader.py` does with numpy in floats otherwise.

States are brought to eight bits row by row. Processors that multiply bytes at once (AVX-512 VNNI) take a third
of the time of floats; others get a plain loop that the compiler widens.
"""

from libc.stdlib cimport free, malloc

import numpy as np

cdef extern from *:
    """
    #include <math.h>
    #include <stdint.h>
    #include <string.h>
    #if defined(__x86_64__) && defined(__GNUC__)
    #include <immintrin.h>
    #define WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
    #define MIDDLE __attribute__((target("avx2,fma")))

    WIDE static void product_wide(const uint8_t *x, const int8_t *w, int32_t *out, int rows, int columns, int depth) {
        for (int c = 0; c + 1 < columns; c += 2) {
            const int8_t *one = w + (long)c * depth, *two = one + depth;
            int r = 0;
            for (; r + 3 < rows; r += 4) {
                const uint8_t *a = x + (long)r * depth;
                __m512i s[8];
                for (int k = 0; k < 8; k++) s[k] = _mm512_setzero_si512();
                for (int d = 0; d < depth; d += 64) {
                    __m512i p = _mm512_loadu_si512(one + d), q = _mm512_loadu_si512(two + d);
                    for (int k = 0; k < 4; k++) {
                        __m512i v = _mm512_loadu_si512(a + (long)k * depth + d);
                        s[k] = _mm512_dpbusd_epi32(s[k], v, p);
                        s[k + 4] = _mm512_dpbusd_epi32(s[k + 4], v, q);
                    }
                }
                for (int k = 0; k < 4; k++) {
                    out[(long)(r + k) * columns + c] = _mm512_reduce_add_epi32(s[k]);
                    out[(long)(r + k) * columns + c + 1] = _mm512_reduce_add_epi32(s[k + 4]);
                }
            }
            for (; r < rows; r++) {
                const uint8_t *a = x + (long)r * depth;
                __m512i s = _mm512_setzero_si512(), t = s;
                for (int d = 0; d < depth; d += 64) {
                    __m512i v = _mm512_loadu_si512(a + d);
                    s = _mm512_dpbusd_epi32(s, v, _mm512_loadu_si512(one + d));
                    t = _mm512_dpbusd_epi32(t, v, _mm512_loadu_si512(two + d));
                }
                out[(long)r * columns + c] = _mm512_reduce_add_epi32(s);
                out[(long)r * columns + c + 1] = _mm512_reduce_add_epi32(t);
            }
        }
    }
    static int is_wide(void) {
        return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
    }
    #endif

    static inline __attribute__((always_inline)) void product_of(const uint8_t *x, const int8_t *w, int32_t *out, int rows, int columns, int depth) {
        for (int c = 0; c < columns; c++)
            for (int r = 0; r < rows; r++) {
                const uint8_t *a = x + (long)r * depth;
                const int8_t *b = w + (long)c * depth;
                int32_t sum = 0;
                for (int d = 0; d < depth; d++) sum += (int32_t)a[d] * (int32_t)b[d];
                out[(long)r * columns + c] = sum;
            }
    }
    #if defined(__x86_64__) && defined(__GNUC__)
    static int is_middle(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
    #endif

    static inline __attribute__((always_inline)) void bytes_of(const float *x, uint8_t *out, float *scales, int rows, int depth) {
        for (int r = 0; r < rows; r++) {
            const float *a = x + (long)r * depth;
            uint8_t *b = out + (long)r * depth;
            float most = 1e-9f;
            for (int d = 0; d < depth; d++) { float v = fabsf(a[d]); most = v > most ? v : most; }
            float by = 127.0f / most;
            scales[r] = most / 127.0f;
            for (int d = 0; d < depth; d++) b[d] = (uint8_t)(int)(a[d] * by + 128.5f);
        }
    }

    static inline __attribute__((always_inline)) float power_of_e(float z) {
        z = z < -80.0f ? -80.0f : z > 80.0f ? 80.0f : z;
        float t = z * 1.44269504f;
        int32_t whole = (int32_t)(t + (t < 0 ? -0.5f : 0.5f));
        float f = t - (float)whole, scale;
        float part = 1 + f * (0.69314718f + f * (0.24022651f + f * (0.05550411f + f * (0.00961813f + f * 0.00133336f))));
        int32_t bits = (whole + 127) << 23;
        memcpy(&scale, &bits, 4);
        return part * scale;
    }

    static inline __attribute__((always_inline)) void floats_of(const int32_t *sums, const float *scales, const float *widths,
            const int32_t *whole, const float *bias, float *out, int rows, int columns, int gelu) {
        for (int r = 0; r < rows; r++) {
            const int32_t *from = sums + (long)r * columns;
            float *to = out + (long)r * columns;
            float scale = scales[r];
            for (int c = 0; c < columns; c++) to[c] = (float)(from[c] - 128 * whole[c]) * (scale * widths[c]) + bias[c];
            if (gelu)
                for (int c = 0; c < columns; c++) {
                    float x = to[c];
                    to[c] = x / (1.0f + power_of_e(-1.59576912f * (x + 0.044715f * x * x * x)));
                }
        }
    }

    static inline __attribute__((always_inline)) void times_of(const float *x, const int8_t *w, const float *widths, const int32_t *whole,
            const float *bias, uint8_t *small, int32_t *sums, float *scales, float *out, int rows, int columns, int depth, int gelu) {
        bytes_of(x, small, scales, rows, depth);
        product_of(small, w, sums, rows, columns, depth);
        floats_of(sums, scales, widths, whole, bias, out, rows, columns, gelu);
    }
    #define ARGUMENTS const float *x, const int8_t *w, const float *widths, const int32_t *whole, const float *bias, \
        uint8_t *small, int32_t *sums, float *scales, float *out, int rows, int columns, int depth, int gelu
    #define GIVEN x, w, widths, whole, bias, small, sums, scales, out, rows, columns, depth, gelu
    #if defined(__x86_64__) && defined(__GNUC__)
    WIDE static void gelu_wide(float *x, long count) {
        const __m512 one = _mm512_set1_ps(1.0f);
        for (long n = 0; n < count; n += 16) {
            __mmask16 here = count - n < 16 ? (__mmask16)((1u << (count - n)) - 1) : 0xffff;
            __m512 v = _mm512_maskz_loadu_ps(here, x + n);
            __m512 u = _mm512_fmadd_ps(_mm512_mul_ps(_mm512_mul_ps(v, v), v), _mm512_set1_ps(0.044715f), v);
            __m512 t = _mm512_mul_ps(u, _mm512_set1_ps(-1.59576912f * 1.44269504f));
            t = _mm512_max_ps(_mm512_min_ps(t, _mm512_set1_ps(115.0f)), _mm512_set1_ps(-115.0f));
            __m512 whole = _mm512_roundscale_ps(t, 8), f = _mm512_sub_ps(t, whole);
            __m512 p = _mm512_set1_ps(0.00133336f);
            p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.00961813f));
            p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.05550411f));
            p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.24022651f));
            p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.69314718f));
            p = _mm512_scalef_ps(_mm512_fmadd_ps(p, f, one), whole);
            _mm512_mask_storeu_ps(x + n, here, _mm512_div_ps(v, _mm512_add_ps(one, p)));
        }
    }
    WIDE static void times_wide(ARGUMENTS) {
        bytes_of(x, small, scales, rows, depth);
        product_wide(small, w, sums, rows, columns, depth);
        floats_of(sums, scales, widths, whole, bias, out, rows, columns, 0);
        if (gelu) gelu_wide(out, (long)rows * columns);
    }
    MIDDLE static void times_middle(ARGUMENTS) { times_of(GIVEN); }
    static void times(ARGUMENTS) {
        if (is_wide() && depth % 64 == 0 && columns % 2 == 0) times_wide(GIVEN);
        else if (is_middle()) times_middle(GIVEN);
        else times_of(GIVEN);
    }
    #else
    static void times(ARGUMENTS) { times_of(GIVEN); }
    #endif
    """
    void weigh "times"(
        const float *, const signed char *, const float *, const int *, const float *,
        unsigned char *, int *, float *, float *, int, int, int, int) nogil


cdef class Matrix:
    """A matrix (depth, columns) of eight bits with a scale a column, and a bias."""

    cdef readonly object bytes
    cdef signed char[:, ::1] weights
    cdef float[::1] scales, bias
    cdef int[::1] whole

    def __init__(self, kept, scales, bias):
        self.bytes = np.ascontiguousarray(np.asarray(kept, np.int8).T)
        self.weights = self.bytes
        self.scales = np.array(np.broadcast_to(scales, self.weights.shape[0]), np.float32)
        self.bias = np.array(bias, np.float32)
        self.whole = self.bytes.sum(1, dtype=np.int32)

    def times(self, states, int gelu=False):
        """`states` (rows, depth) @ the matrix + the bias; through GELU if asked."""
        cdef const float[:, ::1] x = np.ascontiguousarray(states, np.float32)
        cdef int rows = x.shape[0], depth = x.shape[1], columns = self.weights.shape[0]
        if depth != self.weights.shape[1] or not rows:
            raise ValueError(f"states of {depth} for a matrix of {self.weights.shape[1]}")
        found = np.empty((rows, columns), np.float32)
        cdef float[:, ::1] out = found
        cdef unsigned char *small = <unsigned char *>malloc(<size_t>rows * depth)
        cdef int *sums = <int *>malloc(<size_t>rows * columns * sizeof(int))
        cdef float *scales = <float *>malloc(rows * sizeof(float))
        if not small or not sums or not scales:
            free(small); free(sums); free(scales)
            raise MemoryError
        with nogil:
            weigh(&x[0, 0], &self.weights[0, 0], &self.scales[0], &self.whole[0], &self.bias[0], small, sums, scales,
                  &out[0, 0], rows, columns, depth, gelu)
        free(small); free(sums); free(scales)
        return found
