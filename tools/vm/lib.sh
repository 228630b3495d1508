# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the scripts of the test beds share; sourced, never run.

# shellcheck disable=SC2034 # used by those who source this
# The top of the tree, however the caller was reached.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
me=${0##*/}

# Programs of /sbin are needed by people whose PATH does not have it.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" LC_ALL=C

say() { printf '%s: %s\n' "$me" "$*" >&2; }

die() { # STATUS MESSAGE...
	local status=$1
	shift
	say "$*"
	exit "$status"
}

# shellcheck disable=SC2034 # used by those who source this
# Where kernels, their source and what was learnt of this machine are kept.
cache=${RDGRAM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rdgram}

# What is built for this tree.
# shellcheck disable=SC2034 # used by those who source this
build=$top/build

# lock FILE: hold FILE's lock from here to the end of this shell and of all that it
# starts: a compiler that outlives a killed script still holds it.  Says so when
# somebody else has it, since that may well mean minutes.
lock() {
	mkdir -p "$(dirname "$1")"
	exec {lock_fd}>"$1"
	flock -n "$lock_fd" && return
	say "waiting for another run that is making $(basename "$1" .lock)"
	flock "$lock_fd"
}

# The code name of the Debian release that this machine runs: bookworm.
host_release() { (. /etc/os-release && echo "${VERSION_CODENAME-}"); }

# A number of seconds for people: 75 -> 1m15s
clock() { # SECONDS
	if [ "$1" -ge 60 ]; then printf '%dm%02ds' $(($1 / 60)) $(($1 % 60)); else printf '%ds' "$1"; fi
}

# A table of the project without its comments: rows of words.
table() { sed 's/#.*//; /^[[:space:]]*$/d' "$1"; }
