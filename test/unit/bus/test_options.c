/* SPDX-License-Identifier: MIT
 * Options: each mistake is one sentence that names it, and the bus says it again. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <autobus/autobus.h>

#include "base/error.h"
#include "bus/options.h"

static void expect_refusal(autobus_options *options, const char *part)
{
    autobus_bus *bus = (autobus_bus *)&options;

    cr_expect_eq(autobus_bus_new(options, &bus), AUTOBUS_INVALID);
    cr_expect_null(bus);
    cr_expect_not_null(strstr(autobus_last_error(), part), "\"%s\" does not name \"%s\"",
                       autobus_last_error(), part);
}

Test(options, hold_the_documented_defaults)
{
    ab_discovery_config config = {0};
    autobus_options *options = autobus_options_new();

    ab_options_for_discovery(options, &config);
    cr_expect_eq(config.udp_port, 52722);
    cr_expect_eq(config.directory.hold_back, AB_MS(1000));
    cr_expect_eq(config.directory.presence, AB_MS(10000));
    cr_expect_eq(config.directory.presence_per_bus, AB_MS(100));
    cr_expect_eq(config.directory.lease_percent, 115);
    cr_expect_eq(config.directory.legacy_lease, AB_MS(30000));
    cr_expect_eq(config.directory.probe_timeout, AB_MS(3000));
    cr_expect_eq(config.directory.query_times.count, 6);
    cr_expect_eq(config.directory.say_times.count, 3);
    cr_expect_str_eq(config.sources, "broadcast");
    autobus_options_free(&options);
    cr_expect_null(options);
}

Test(options, take_their_start_from_the_environment)
{
    ab_discovery_config config = {0};
    char *folder = ab_strdup(getenv("AUTOBUS_RUNTIME_DIR"));

    setenv("AUTOBUS_PORT", "4711", 1);
    setenv("AUTOBUS_DISCOVERY", "none", 1);
    setenv("AUTOBUS_INTERFACES", "eth*", 1);
    setenv("AUTOBUS_PEERS", "10.0.0.1", 1);
    setenv("AUTOBUS_RUNTIME_DIR", "none", 1);
    autobus_options *options = autobus_options_new();
    ab_options_for_discovery(options, &config);
    cr_expect_eq(config.udp_port, 4711);
    cr_expect_str_eq(config.sources, "none");
    cr_expect_str_eq(config.interfaces, "eth*");
    cr_expect_str_eq(config.peers, "10.0.0.1");
    cr_expect_null(ab_options_folder(options));
    autobus_options_set_number(options, AUTOBUS_UDP_PORT, 4712);
    autobus_options_set_text(options, AUTOBUS_INTERFACES, "lo");
    ab_options_for_discovery(options, &config);
    cr_expect_eq(config.udp_port, 4712, "what is set in code wins");
    cr_expect_str_eq(config.interfaces, "lo");
    autobus_options_free(&options);
    unsetenv("AUTOBUS_PORT");
    unsetenv("AUTOBUS_DISCOVERY");
    unsetenv("AUTOBUS_INTERFACES");
    unsetenv("AUTOBUS_PEERS");
    setenv("AUTOBUS_RUNTIME_DIR", folder, 1); /* as support/transport.h has it */
    free(folder);
}

Test(options, want_a_runtime_dir_that_does_not_move)
{
    static const char *const bad[] = {"run", "./run", "", "None"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        autobus_options *options = autobus_options_new();
        cr_expect_eq(autobus_options_set_text(options, AUTOBUS_RUNTIME_DIR, bad[i]),
                     AUTOBUS_INVALID, "%s", bad[i]);
        expect_refusal(options, "must be an absolute path, or none");
    }
}

Test(options, name_a_port_of_the_environment_that_is_none)
{
    setenv("AUTOBUS_PORT", "many", 1);
    autobus_options *options = autobus_options_new();
    unsetenv("AUTOBUS_PORT");
    expect_refusal(options, "AUTOBUS_PORT \"many\"");
}

Test(options, set_in_code_make_good_what_the_environment_says)
{
    setenv("AUTOBUS_PORT", "many", 1);
    autobus_options *options = autobus_options_new();
    unsetenv("AUTOBUS_PORT");
    cr_expect_eq(autobus_options_set_number(options, AUTOBUS_UDP_PORT, 4713), AUTOBUS_OK);
    cr_expect_eq(ab_options_check(options), AUTOBUS_OK);
    autobus_options_free(&options);
}

Test(options, remember_the_first_mistake_for_the_bus_to_say)
{
    autobus_options *options = autobus_options_new();

    cr_expect_eq(autobus_options_set_number(options, AUTOBUS_UDP_PORT, 70000), AUTOBUS_INVALID);
    cr_expect_eq(autobus_options_set_number(options, AUTOBUS_LEASE_PERCENT, 1), AUTOBUS_INVALID);
    expect_refusal(options, "UDP port 70000 must be from 1 to 65535");
}

Test(options, refuse_what_is_no_option)
{
    autobus_options *options = autobus_options_new();

    cr_expect_eq(autobus_options_set_number(options, AUTOBUS_NUMBER_COUNT, 1), AUTOBUS_INVALID);
    cr_expect_eq(autobus_options_set_number(NULL, AUTOBUS_UDP_PORT, 1), AUTOBUS_INVALID);
    cr_expect_eq(autobus_options_set_text(options, AUTOBUS_PEERS, NULL), AUTOBUS_INVALID);
    autobus_options_free(&options);
    autobus_options_free(&options);
    autobus_options_free(NULL);
}

Test(options, refuse_times_that_are_none)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "1,",
                                      "1,,2",
                                      "5,5",
                                      "5,4",
                                      "-1",
                                      "1 2",
                                      "0,1,2,3,4,5,6,7,8",
                                      "99999999999999999999"};

    for (size_t i = 0; i < AB_COUNT(bad); i++) {
        autobus_options *options = autobus_options_new();
        cr_expect_eq(autobus_options_set_text(options, AUTOBUS_SAY_TIMES, bad[i]), AUTOBUS_INVALID,
                     "\"%s\" was taken", bad[i]);
        autobus_options_free(&options);
    }
}

Test(options, take_times_that_grow)
{
    ab_discovery_config config = {0};
    autobus_options *options = autobus_options_new();

    cr_expect_eq(autobus_options_set_text(options, AUTOBUS_QUERY_TIMES, "0,50,60000"), AUTOBUS_OK);
    ab_options_for_discovery(options, &config);
    cr_expect_eq(config.directory.query_times.count, 3);
    cr_expect_eq(config.directory.query_times.at[2], AB_MS(60000));
    autobus_options_free(&options);
}

Test(options, that_discovery_cannot_use_are_refused_when_the_bus_starts)
{
    static const struct {
        autobus_text which;
        const char *value, *part;
    } bad[] = {
        {AUTOBUS_SOURCES, "pigeons", "pigeons"},
        {AUTOBUS_INTERFACES, "no-such-if0", "no-such-if0"},
        {AUTOBUS_PEERS, "host:notaport", "notaport"},
    };

    for (size_t i = 0; i < AB_COUNT(bad); i++) {
        autobus_options *options = autobus_options_new();
        autobus_options_set_text(options, bad[i].which, bad[i].value);
        expect_refusal(options, bad[i].part);
    }
}

Test(options, take_the_time_of_spinning_from_the_environment)
{
    setenv("AUTOBUS_SPIN_US", "70", 1);
    autobus_options *options = autobus_options_new();
    cr_expect_eq(options->numbers[AUTOBUS_SPIN_US], 70);
    autobus_options_free(&options);
    setenv("AUTOBUS_SPIN_US", "70ms", 1);
    expect_refusal(autobus_options_new(), "AUTOBUS_SPIN_US \"70ms\" must be microseconds");
    setenv("AUTOBUS_SPIN_US", "-1", 1);
    expect_refusal(autobus_options_new(), "time of spinning -1 must be from 0 to 100000");
    unsetenv("AUTOBUS_SPIN_US");
    options = autobus_options_new();
    cr_expect_eq(options->numbers[AUTOBUS_SPIN_US], 0);
    autobus_options_free(&options);
}

Test(options, choose_frames_unless_somebody_wants_lines)
{
    autobus_options *options = autobus_options_new();
    ab_peer_limits limits;
    ab_link_limits links;
    unsetenv("AUTOBUS_WIRE");
    autobus_options_free(&options);
    options = autobus_options_new();
    ab_options_for_peers(options, &limits);
    ab_options_for_links(options, &links);
    cr_expect(limits.has_frames && links.has_frames);
    cr_expect_eq(autobus_options_set_text(options, AUTOBUS_WIRE, "lines"), AUTOBUS_OK);
    ab_options_for_peers(options, &limits);
    ab_options_for_links(options, &links);
    cr_expect(!limits.has_frames && !links.has_frames);
    cr_expect_eq(autobus_options_set_text(options, AUTOBUS_WIRE, "smoke"), AUTOBUS_INVALID);
    cr_expect_str_eq(autobus_last_error(), "wire \"smoke\" must be frames or lines");
    autobus_options_free(&options);
    setenv("AUTOBUS_WIRE", "lines", 1);
    options = autobus_options_new();
    ab_options_for_links(options, &links);
    cr_expect_not(links.has_frames);
    autobus_options_free(&options);
}
