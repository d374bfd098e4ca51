/* SPDX-License-Identifier: MIT
 * The GNU extensions we use, each under a name, and nothing else. */
#ifndef AB_BASE_COMPILER_H
#define AB_BASE_COMPILER_H

#include <stddef.h>

#define AB_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define AB_MUST_USE                    __attribute__((warn_unused_result))
#define AB_UNUSED                      __attribute__((unused))
#define AB_NOINLINE                    __attribute__((noinline))
/** Of a typedef: so many bytes of it, worked on all at once. */
#define AB_VECTOR(bytes)               __attribute__((vector_size(bytes)))
/** The type of an expression or a declared name. */
#define AB_TYPEOF(name)                __typeof__(name)
/** From here on the compiler knows nothing of this number. */
#define AB_OPAQUE(number)              __asm__("" : "+r"(number))
/** Runs `cleanup(&variable)` when the variable leaves its scope. */
#define AB_SCOPED(cleanup_fn)          __attribute__((cleanup(cleanup_fn)))
/** Exported from the shared library. */
#define AB_API                         __attribute__((visibility("default")))

/** The struct that `pointer` is the member `member` of. */
#define AB_CONTAINER(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))
#define AB_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AB_MIN(a, b)    ((a) < (b) ? (a) : (b))
#define AB_MAX(a, b)    ((a) > (b) ? (a) : (b))

/* clang's thread-safety analysis; gcc sees nothing of it. */
#if defined(__clang__)
#define AB_LOCKABLE         __attribute__((capability("mutex")))
#define AB_GUARDED_BY(lock) __attribute__((guarded_by(lock)))
#define AB_REQUIRES(...)    __attribute__((requires_capability(__VA_ARGS__)))
#define AB_ACQUIRE(...)     __attribute__((acquire_capability(__VA_ARGS__)))
#define AB_RELEASE(...)     __attribute__((release_capability(__VA_ARGS__)))
#define AB_TRY_ACQUIRE(...) __attribute__((try_acquire_capability(__VA_ARGS__)))
#define AB_ASSERTS(...)     __attribute__((assert_capability(__VA_ARGS__)))
#define AB_EXCLUDES(...)    __attribute__((locks_excluded(__VA_ARGS__)))
#define AB_UNCHECKED        __attribute__((no_thread_safety_analysis))
#else
#define AB_LOCKABLE
#define AB_GUARDED_BY(lock)
#define AB_REQUIRES(...)
#define AB_ACQUIRE(...)
#define AB_RELEASE(...)
#define AB_TRY_ACQUIRE(...)
#define AB_ASSERTS(...)
#define AB_EXCLUDES(...)
#define AB_UNCHECKED
#endif

#endif
