# SPDX-License-Identifier: GPL-2.0
# The points of each picture; see pictures.

# What belongs to a picture's lines: the cell, its x, and the field that is its y.
function point(picture, cell, x, field,    p, n, list, y) {
	n = split(protocols[cell], list, " ")
	for (p = 1; p <= n; p++) {
		y = median("rates " cell " " list[p], field)
		if (y != "")
			print x, y >(work "/" picture "." list[p])
	}
}

END {
	point("rate-size", "stream-64", 64, "MBps")
	point("rate-size", "stream-1200", 1200, "MBps")
	point("rate-size", "stream-16k", 16000, "MBps")
	point("rate-size", "stream-60k", 60000, "MBps")
	point("rate-size", "stream-1m", 1000000, "MBps")
	n = split("p50 p75 p90 p95 p99 p99.5 p99.9 p99.99 max", percentile, " ")
	for (i = 1; i <= n; i++)
		point("latency", "rr-64", i - 1, percentile[i] "_us")
	point("rate-peers", "stream-1200", 1, "MBps")
	point("rate-peers", "many-4", 4, "MBps")
	point("rate-peers", "many-16", 16, "MBps")
	point("rate-peers", "many-64", 64, "MBps")
}
