// SPDX-License-Identifier: GPL-2.0-only
/*
 * The KUnit module: small things first, the simulation last.
 */
#include <linux/module.h>
#include "suites.h"

static struct kunit_suite *suites[] = {
	&rdg_seq_suite,
	&rdg_ranges_suite,
	&rdg_rtt_suite,
	&rdg_ledger_suite,
	&rdg_rack_suite,
	&rdg_rate_suite,
	&rdg_cubic_suite,
	&rdg_bbr_suite,
	&rdg_state_suite,
	&rdg_wire_suite,
	&rdg_frames_suite,
	&rdg_rx_suite,
	&rdg_tx_suite,
	&rdg_hold_suite,
	&rdg_ecn_suite,
	&rdg_ack_suite,
	&rdg_recovery_suite,
	&rdg_silent_suite,
	&rdg_open_suite,
	&rdg_end_suite,
	&rdg_full_suite,
	&rdg_pipe_suite,
	&rdg_mtu_suite,
	&rdg_path_suite,
	&rdg_clock_suite,
	&rdg_sim_suite,
};

/* Not by kunit_test_suites(): the KUnit of 6.1 runs a module's suites before
 * its parameters are set, and seed= would mean nothing.
 */
static int __init rdgram_kunit_init(void)
{
	return __kunit_test_suites_init(suites, ARRAY_SIZE(suites));
}
module_init(rdgram_kunit_init);

static void __exit rdgram_kunit_exit(void)
{
	__kunit_test_suites_exit(suites, ARRAY_SIZE(suites));
}
module_exit(rdgram_kunit_exit);

MODULE_DESCRIPTION("KUnit tests of rdgram's core");
MODULE_LICENSE("GPL");
