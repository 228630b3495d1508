# SPDX-License-Identifier: GPL-2.0
# Reading what was measured: the table of cells, then the results; see report.

function trimmed(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }

# The fields of a flat JSON object, into word[].
function parse(json,    at, name, value) {
	delete word
	while (match(json, /"[^"]*": *("[^"]*"|[-0-9.a-z]+)/)) {
		at = substr(json, RSTART, RLENGTH)
		json = substr(json, RSTART + RLENGTH)
		name = substr(at, 2, index(substr(at, 2), "\"") - 1)
		value = substr(at, length(name) + 4)
		gsub(/^ +|"/, "", value)
		word[name] = value
	}
}

# What is measured in gigabytes and for each message.
function derive() {
	word["MBps"] = word["bytes_per_second"] / 1e6
	if (word["bytes"] > 0)
		word["per_GB"] = word["client_machine"] / (word["bytes"] / 1e9)
	if (word["sent"] > 0)
		word["lost_percent"] = 100 * word["lost"] / word["sent"]
	if (word["messages"] > 0)
		word["instructions"] = word["client_machine"] * 1e9 / word["messages"]
}

# One result, into figure[GUEST CELL PROTOCOL, FIELD, ROUND].
function result(guest, cell, round, protocol, json,    key, w) {
	key = guest " " cell " " protocol
	runs[key]++
	if (round > rounds)
		rounds = round
	if (json == "") {
		failed[key]++
		return
	}
	parse(json)
	derive()
	for (w in word)
		figure[key, w, round] = word[w]
}

FILENAME != ARGV[2] && mode != "line" {
	sub(/#.*/, "")
	if (split($0, column, "|") < 7)
		next
	cell = trimmed(column[1])
	order[++cells] = cell
	text[cell] = trimmed(column[2])
	protocols[cell] = trimmed(column[6])
	next
}

{
	line = $0
	for (i = 1; i <= 4; i++)
		sub(/^[^ ]* */, "", line)
	result($1, $2, $3, $4, line)
	json[++results] = line
	heads[results] = $1 " " $2 " " $3 " " $4
}

# --- looking up -----------------------------------------------------------------

# Into list[1...], the values of a field in all rounds; of them as many are returned.
function collect(key, field, list,    r, n) {
	n = 0
	for (r = 1; r <= rounds; r++)
		if ((key, field, r) in figure)
			list[++n] = figure[key, field, r] + 0
	return n
}

# The same for the ratio of a field in two places, round by round.
function collect_ratio(key, other, field, list,    r, n) {
	n = 0
	for (r = 1; r <= rounds; r++)
		if ((key, field, r) in figure && figure[other, field, r] > 0)
			list[++n] = figure[key, field, r] / figure[other, field, r]
	return n
}

# Sorts list[1..n], and returns its median; "" for none.
function middle(list, n,    i, j, x) {
	for (i = 2; i <= n; i++) {
		x = list[i]
		for (j = i - 1; j >= 1 && list[j] > x; j--)
			list[j + 1] = list[j]
		list[j + 1] = x
	}
	if (!n)
		return ""
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function median(key, field,    list) { return middle(list, collect(key, field, list)) }
