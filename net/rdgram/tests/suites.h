/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All suites of the KUnit module.
 */
#ifndef _RDGRAM_TESTS_SUITES_H
#define _RDGRAM_TESTS_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite rdg_wire_suite;
extern struct kunit_suite rdg_frames_suite;
extern struct kunit_suite rdg_seq_suite;
extern struct kunit_suite rdg_ranges_suite;
extern struct kunit_suite rdg_rtt_suite;
extern struct kunit_suite rdg_rack_suite;
extern struct kunit_suite rdg_rate_suite;
extern struct kunit_suite rdg_cubic_suite;
extern struct kunit_suite rdg_bbr_suite;
extern struct kunit_suite rdg_ledger_suite;
extern struct kunit_suite rdg_state_suite;
extern struct kunit_suite rdg_rx_suite;
extern struct kunit_suite rdg_tx_suite;
extern struct kunit_suite rdg_hold_suite;
extern struct kunit_suite rdg_ecn_suite;
extern struct kunit_suite rdg_ack_suite;
extern struct kunit_suite rdg_recovery_suite;
extern struct kunit_suite rdg_silent_suite;
extern struct kunit_suite rdg_open_suite;
extern struct kunit_suite rdg_end_suite;
extern struct kunit_suite rdg_full_suite;
extern struct kunit_suite rdg_pipe_suite;
extern struct kunit_suite rdg_mtu_suite;
extern struct kunit_suite rdg_path_suite;
extern struct kunit_suite rdg_clock_suite;
extern struct kunit_suite rdg_sim_suite;

#endif /* _RDGRAM_TESTS_SUITES_H */
