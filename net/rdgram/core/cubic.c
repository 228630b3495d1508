// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cubic function, see cubic.h. C is 0.4 segments per second cubed.
 */
#include <linux/bits.h>
#include <linux/math64.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/time64.h>
#include "cc.h"
#include "cubic.h"

/**
 * rdg_cubic_root - the cube root
 * @x: any number
 *
 * Return: the largest integer whose cube is not larger than @x.
 */
u32 rdg_cubic_root(u64 x)
{
	u64 root = 0;
	int shift;

	/* One binary digit of the root for each three of x, as by hand. */
	for (shift = 63; shift >= 0; shift -= 3) {
		u64 step = 6 * root * (2 * root + 1) + 1;

		root *= 2;
		if (x >> shift < step)
			continue;
		x -= step << shift;
		root++;
	}
	return root;
}

/**
 * rdg_cubic_k - K: how long until the window is W_max again (RFC 9438, 4.2)
 * @below: W_max - cwnd_epoch in bytes, at most RDG_CWND_MAX
 * @mtu: bytes of a segment
 *
 * Return: in 2^-14 s.
 */
u32 rdg_cubic_k(u32 below, u32 mtu)
{
	/* Segments / C in 2^-32; 2^19 segments are more than two minutes. */
	u64 x = min_t(u64, below, (u64)mtu << 19);

	x = div64_u64(x * 5 << 32, 2 * (u64)mtu);
	return min_t(u64, rdg_cubic_root(x << (3 * RDG_CUBIC_SHIFT - 32)), RDG_CUBIC_TIME_MAX);
}

/**
 * rdg_cubic_window - W_cubic(t) (RFC 9438, 4.2)
 * @t: since the epoch; ns
 * @k: K in 2^-14 s
 * @w_max: W_max in bytes
 * @mtu: bytes of a segment
 *
 * Return: bytes, from 0 to RDG_CWND_MAX.
 */
u32 rdg_cubic_window(u64 t, u32 k, u32 w_max, u32 mtu)
{
	u64 ticks, d, delta;

	/* NSEC_PER_SEC / 2^14 is not whole: 2^9 of it goes first. */
	t = min_t(u64, t, 256 * (u64)NSEC_PER_SEC);
	ticks = div_u64(t << 5, NSEC_PER_SEC >> 9);
	d = min_t(u64, ticks > k ? ticks - k : k - ticks, RDG_CUBIC_TIME_MAX);
	/* Segments in 2^-42, in 2^-20, bytes. */
	delta = ((div_u64(d * d * d, 5) * 2) >> 22) * mtu >> 20;
	if (ticks < k)
		return w_max - min_t(u64, w_max, delta);
	return min_t(u64, w_max + delta, RDG_CWND_MAX);
}
