# SPDX-License-Identifier: GPL-2.0
# What is printed of the results; see report.

function shown(key, field, format,    value) {
	value = median(key, field)
	return value == "" ? "" : sprintf(format, value)
}

# "0.52 (0.49-0.55)": the median of the rounds' ratios, and their spread.
function ratio_shown(key, other, field,    list, n, value) {
	n = collect_ratio(key, other, field, list)
	value = middle(list, n)
	return n ? sprintf("%.2f (%.2f-%.2f)", value, list[1], list[n]) : ""
}

# --- the table ------------------------------------------------------------------

function row(cell, protocol,    key, us, is_first) {
	key = "rates " cell " " protocol
	us = "rates " cell " rdgram"
	is_first = cell != said
	said = cell
	printf "  %-33s %-10s", is_first ? text[cell] : "", protocol
	printf " %10s %9s %9s %9s %9s %7s %9s   %s\n",
		shown(key, "messages_per_second", "%.0f"), shown(key, "MBps", "%.2f"),
		shown(key, "p50_us", "%.1f"), shown(key, "p99_us", "%.1f"),
		cell ~ /^rr/ ? "" : shown(key, "per_GB", "%.1f"), shown(key, "lost_percent", "%.2f"),
		shown("instructions " cell " " protocol, "instructions", "%.0f"),
		protocol == "rdgram" ? "" : ratio_shown(us, key, "messages_per_second")
}

function table(    c, p, n, list) {
	printf "  %-33s %-10s %10s %9s %9s %9s %9s %7s %9s   %s\n", "", "", "messages", "",
		"p50", "p99", "CPU", "lost", "instruct.", "rdgram is faster"
	printf "  %-33s %-10s %10s %9s %9s %9s %9s %7s %9s   %s\n", "", "", "/s", "MB/s", "us",
		"us", "s/GB", "%", "/message", "by, of the rounds"
	for (c = 1; c <= cells; c++) {
		n = split(protocols[order[c]], list, " ")
		for (p = 1; p <= n; p++)
			if (("rates " order[c] " " list[p]) in runs ||
			    ("instructions " order[c] " " list[p]) in runs)
				row(order[c], list[p])
	}
}

# A run of ours that failed is a message that did not arrive, until the opposite is
# shown. Of others' runs there are enough, or a bar has no figure.
function failures(    i, part, key) {
	for (i = 1; i <= results; i++) {
		split(heads[i], part, " ")
		key = part[1] " " part[2] " " part[4]
		if (!(key in failed) || key in told)
			continue
		told[key] = 1
		printf "\nFAILED: %d of %d runs of %s, %s (%s)", failed[key], runs[key], part[2], part[4], part[1]
		if (part[4] ~ /^rdgram/)
			broken += failed[key]
		any = 1
	}
	if (any)
		print ""
}

# --- bars -----------------------------------------------------------------------

# The median of ratios is to lie above LOW, or below HIGH; "" for no bound. COUNTED: what
# the ratio would be if instructions alone decided.
function bar(what, value, spread, low, high, counted,    verdict) {
	if (value == "")
		verdict = "MISSED, no figure"
	else if (low != "" && value < low || high != "" && value > high)
		verdict = "MISSED"
	else
		verdict = "met"
	missed += verdict != "met"
	bars++
	printf "  %-56s %6s %-15s %8s   %s %-5s %s\n", what,
		value == "" ? "-" : sprintf("%.3f", value), spread, counted,
		low != "" ? ">=" : "<=", low != "" ? low : high, verdict
}

# Of two places, both "CELL PROTOCOL"; nothing if neither was to be measured.
function ratio_bar(what, guest, a, b, field, low, high, counted,    list, n, value) {
	a = guest " " a
	b = guest " " b
	if (!(a in runs) && !(b in runs))
		return
	n = collect_ratio(a, b, field, list)
	value = middle(list, n)
	bar(what, value, n ? sprintf("(%.3f-%.3f)", list[1], list[n]) : "", low, high, counted)
}

# Twice the instructions are half the rate.
function rate_bar(what, a, b, low,    ours, others) {
	ours = median("instructions " a, "instructions")
	others = median("instructions " b, "instructions")
	ratio_bar(what, "rates", a, b, "messages_per_second", low, "",
		ours != "" && others != "" ? sprintf("%.3f", others / ours) : "")
}

function least_bar(    list, n, value) {
	if (!("rates many-64 rdgram" in runs))
		return
	n = collect("rates many-64 rdgram", "least_share", list)
	value = middle(list, n)
	bar("64 senders: what the slowest has of its fair share", value,
		n ? sprintf("(%.3f-%.3f)", list[1], list[n]) : "", 0.5, "", "")
}

function all_bars() {
	rate_bar("64 B, of UDP", "stream-64 rdgram", "stream-64 udp", 3)
	rate_bar("64 B, 64 a call, of UDP", "stream-64-mmsg rdgram", "stream-64-mmsg udp", 5)
	rate_bar("64 B, 64 a call, of TCP", "stream-64-mmsg rdgram", "stream-64-mmsg tcp", 1)
	rate_bar("1,200 B, of UDP", "stream-1200 rdgram", "stream-1200 udp", 1.5)
	rate_bar("1,200 B, of TCP", "stream-1200 rdgram", "stream-1200 tcp", 1)
	rate_bar("16 KB, of TCP", "stream-16k rdgram", "stream-16k tcp", 1)
	rate_bar("16 KB, of RDS", "stream-16k rdgram", "stream-16k rds", 2)
	rate_bar("16 KB, of SCTP", "stream-16k rdgram", "stream-16k sctp", 4)
	rate_bar("60 KB, of TCP", "stream-60k rdgram", "stream-60k tcp", 1)
	rate_bar("60 KB, of RDS", "stream-60k rdgram", "stream-60k rds", 2)
	rate_bar("60 KB, of SCTP", "stream-60k rdgram", "stream-60k sctp", 4)
	rate_bar("1 MB, of TCP", "stream-1m rdgram", "stream-1m tcp", 1)
	ratio_bar("request-response, p50 of UDP's", "rates", "rr-64 rdgram", "rr-64 udp", "p50_us", "", 1.1)
	ratio_bar("request-response, p50 of TCP's", "rates", "rr-64 rdgram", "rr-64 tcp", "p50_us", "", 1)
	ratio_bar("request-response, instructions of UDP's", "instructions", "rr-64 rdgram", "rr-64 udp", "instructions", "", 1.2)
	rate_bar("64 senders to one socket, of one sender", "many-64 rdgram", "stream-1200 rdgram", 0.9)
	least_bar()
	rate_bar("one of 16 receivers stalls, of the other 15 without it", "stalled-16 rdgram", "reading-15 rdgram", 0.98)
	rate_bar("1 % loss, 10 ms: bbr, of TCP cubic", "loss rdgram-bbr", "loss tcp", 3)
}

# --- the whole ------------------------------------------------------------------

function print_json(    i, part) {
	printf "{\"date\": \"%s\", \"module\": \"%s\", \"kernel\": \"%s\", \"processors\": %d, \"load\": %s, \"runs\": [", when, module, kernel, processors, load
	for (i = 1; i <= results; i++) {
		split(heads[i], part, " ")
		printf "%s\n{\"guest\": \"%s\", \"cell\": \"%s\", \"round\": %d, \"variant\": \"%s\"%s",
			(i > 1 ? "," : ""), part[1], part[2], part[3], part[4],
			json[i] == "" ? ", \"failed\": true}" : ", " substr(json[i], 2)
	}
	print "\n]}"
}

function print_line(    key) {
	split(heads[1], part, " ")
	key = part[1] " " part[2] " " part[4]
	printf "%s, round %d, %s: ", part[2], part[3], part[4]
	if (key in failed)
		print "FAILED"
	else if (part[1] == "instructions")
		print shown(key, "instructions", "%.0f instructions a message")
	else if (word["workload"] == "rr")
		print shown(key, "p50_us", "p50 %.1f us")
	else
		print shown(key, "messages_per_second", "%.0f messages/s, ") shown(key, "MBps", "%.2f MB/s")
}

END {
	if (mode == "line") {
		print_line()
		exit
	}
	getline module <versions
	getline kernel <versions
	getline processors <versions
	getline load <versions
	if (mode == "json") {
		print_json()
		exit
	}
	if (quick)
		print "QUICK: few and short rounds; the bars are not meant for these figures."
	printf "rdgram %s on Linux %s, %d round%s. All figures are medians.\n", module, kernel, rounds,
		rounds == 1 ? "" : "s"
	printf "The machine: %s processors, a load of %s in the mean, the guests' own included.\n\n", processors, load
	table()
	failures()
	print "\nBars: the median of the rounds' ratios, and their spread; what it is by instructions alone"
	all_bars()
	printf "\n%d of %d bars missed\n", missed, bars
	exit missed + broken > 0
}
