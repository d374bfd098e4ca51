/* SPDX-License-Identifier: MIT
 * The program, instruction by instruction. Conditional jumps reach no further than 255; what is longer than that, the
 * list of ports, jumps over one instruction at a time. */
#include "monitor/filter.h"

#include <netinet/in.h>
#include <string.h>

#define LOAD_BYTE(at)             BPF_STMT(BPF_LD | BPF_B | BPF_ABS, at)
#define LOAD_HALF(at)             BPF_STMT(BPF_LD | BPF_H | BPF_ABS, at)
#define LOAD_LENGTH(how, number)  BPF_STMT(BPF_LDX | (how), number)
#define LOAD_BEHIND(size, at)     BPF_STMT(BPF_LD | (size) | BPF_IND, at)
#define IF_EQUAL(value, yes, no)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define IF_ANY_BIT(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, yes, no)
#define GO(over)                  BPF_STMT(BPF_JMP | BPF_JA, over)
#define RETURN(bytes)             BPF_STMT(BPF_RET | BPF_K, bytes)

#define ALL UINT32_MAX

/* X becomes the length of the IP header. Numbers are how many instructions to jump over. */
static size_t write_start(struct sock_filter *program, uint16_t udp_port)
{
    const struct sock_filter start[] = {
        /* 0 */ LOAD_BYTE(0), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
        IF_EQUAL(0x40, 0, 5),                                 /* IPv4, else to 8 */
        LOAD_HALF(6), IF_ANY_BIT(0x1fff, 22, 0),              /* a later piece: to 27 */
        LOAD_LENGTH(BPF_B | BPF_MSH, 0), LOAD_BYTE(9), GO(8), /* to 16 */
        /* 8 */
        IF_EQUAL(0x60, 0, 18), /* IPv6, else to 27 */
        LOAD_LENGTH(BPF_W | BPF_IMM, 40), LOAD_BYTE(6),
        IF_EQUAL(IPPROTO_FRAGMENT, 0, 4),         /* else to 16 */
        LOAD_HALF(42), IF_ANY_BIT(0xfff8, 13, 0), /* a later piece: to 27 */
        LOAD_LENGTH(BPF_W | BPF_IMM, 48), LOAD_BYTE(40),
        /* 16 */
        IF_EQUAL(IPPROTO_TCP, 12, 0),                    /* to 29 */
        IF_EQUAL(IPPROTO_UDP, 0, 9),                     /* else to 27 */
        LOAD_BEHIND(BPF_H, 0), IF_EQUAL(udp_port, 8, 0), /* to 28 */
        LOAD_BEHIND(BPF_H, 2), IF_EQUAL(udp_port, 6, 0), /* to 28 */
        /* 22: one answers another by unicast, from any port to any */
        LOAD_BEHIND(BPF_W, 8), IF_EQUAL(0x7b22636f, 0, 3),  /* {"co, else to 27 */
        LOAD_BEHIND(BPF_W, 12), IF_EQUAL(0x6d6d616e, 0, 1), /* mman, else to 27 */
        GO(1),                                              /* to 28 */
        /* 27 */ RETURN(0),
        /* 28 */ RETURN(ALL),
        /* 29 */
    };
    memcpy(program, start, sizeof start);
    return sizeof start / sizeof *start;
}

static size_t write_ports(struct sock_filter *program, const monitor_ports *ports)
{
    size_t length = 0;
    for (unsigned at = 0; at <= 2; at += 2) {
        program[length++] = (struct sock_filter)LOAD_BEHIND(BPF_H, at);
        for (uint16_t port = 0; (port = monitor_ports_next(ports, port)) != 0;) {
            program[length++] = (struct sock_filter)IF_EQUAL(port, 0, 1);
            program[length++] = (struct sock_filter)RETURN(ALL);
        }
    }
    return length;
}

size_t monitor_filter_write(struct sock_filter program[MONITOR_FILTER_MOST], uint16_t udp_port,
                            const monitor_ports *ports)
{
    bool is_any = ports->count > MONITOR_FILTER_PORTS;
    size_t length = write_start(program, udp_port);
    if (!is_any) {
        length += write_ports(program + length, ports);
    }
    program[length++] = (struct sock_filter)RETURN(is_any ? ALL : 0);
    return length;
}
