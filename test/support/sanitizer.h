/* SPDX-License-Identifier: MIT
 * Whether a sanitizer watches this program: it takes memory and time, and has locks of its own. */
#ifndef AUTOBUS_SUPPORT_SANITIZER_H
#define AUTOBUS_SUPPORT_SANITIZER_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER true
#endif
#if __has_feature(thread_sanitizer)
#define HAS_THREAD_SANITIZER true
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#define HAS_ADDRESS_SANITIZER true
#endif
#ifdef __SANITIZE_THREAD__
#define HAS_THREAD_SANITIZER true
#endif

#ifndef HAS_ADDRESS_SANITIZER
#define HAS_ADDRESS_SANITIZER false
#endif
#ifndef HAS_THREAD_SANITIZER
#define HAS_THREAD_SANITIZER false
#endif
#define HAS_SANITIZER (HAS_ADDRESS_SANITIZER || HAS_THREAD_SANITIZER)

#endif
