#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Programs that know nothing of rdgram, over a path that loses one packet of ten: with
# rdgram-run, or where they let one name a type and a protocol, without.
#
# By hand, and to see what UDP makes of it (all fail but what is native; tftp, which sends
# again itself; and what UDP sockets say of themselves):
#
#	tools/vm/run --uml --virtual-time --file selftests:/guest/selftests \
#		--file tools/rdgram-run:/guest/rdgram-run -- \
#		env RDGRAM_RUN= /guest/selftests/virtual/programs.sh [CASE]...
#
# A second's sleep is enough for a server to be ready: in virtual time it passes when
# nobody has anything left to do.
#
# timeout: 600
# shellcheck disable=SC2317 # the cases are called by their names
set -u
read -ra run <<<"${RDGRAM_RUN-/guest/rdgram-run/rdgram-run}"
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cd "$work" || exit

PROTOCOL=261	# IPPROTO_RDGRAM

host() { # NAME COMMAND...
	ip netns exec "$@"
}

make_hosts() {
	local n=0 name
	for name in a b; do ip netns add $name || return; done
	ip link add eth0 netns a type veth peer name eth0 netns b || return
	for name in a b; do
		n=$((n + 1))
		# Loss is to mean packets, not trains of them.
		ip -n $name link set lo up &&
			ip -n $name address add 10.1.0.$n/24 broadcast + dev eth0 &&
			ip -n $name link set eth0 up &&
			host $name ethtool -K eth0 tso off gso off gro off &&
			host $name tc qdisc add dev eth0 root netem delay 5ms loss 10% limit 10000 ||
			return
	done >/dev/null
}

servers=()
serve() { # COMMAND...
	ip netns exec b timeout -k 1 500 "$@" &
	servers+=($!)
	sleep 1
}

stop() {
	[ ${#servers[@]} = 0 ] || kill "${servers[@]}" 2>/dev/null
	wait
	servers=()
}

ask() { # COMMAND...
	host a timeout -k 1 400 "$@"
}

lines() { seq 1 1000; }

# In parts that no reader takes for one.
slow_lines() {
	local i

	for i in {0..49}; do
		seq $((20 * i + 1)) $((20 * i + 20))
		sleep 0.1
	done
}

# --- programs ------------------------------------------------------------------------

iperf3_loses_nothing() {
	serve "${run[@]}" iperf3 -s -1
	ask "${run[@]}" iperf3 -u -c 10.1.0.2 -b 2M -l 1000 -t 3 --json >report || return
	python3 -c '
import json
sum = json.load(open("report"))["end"]["sum"]
print("#", sum["lost_packets"], "lost of", sum["packets"])
exit(sum["lost_packets"] or sum["packets"] < 500)'
}

socat_carries_lines() {
	serve "${run[@]}" socat -u UDP-RECV:5000 CREATE:got
	lines | ask "${run[@]}" socat -u -b 10 - UDP-SENDTO:10.1.0.2:5000 || return
	sleep 30
	lines | cmp - got
}

# The same without rdgram-run: type 4 is SOCK_RDM; port 5000, 10.1.0.2 and eight zeros.
socat_knows_sockets() {
	local any=x138800000000x0000000000000000 to=x13880a010002x0000000000000000
	serve socat -u SOCKET-RECV:2:4:"$PROTOCOL:$any" CREATE:got
	lines | ask socat -u -b 10 - SOCKET-SENDTO:2:4:"$PROTOCOL:$to" || return
	sleep 30
	lines | cmp - got
}

netcat_carries_lines() {
	serve "${run[@]}" sh -c 'exec nc -u -l 5001 >got'
	slow_lines | ask "${run[@]}" nc -u -N -w 5 10.1.0.2 5001
	sleep 30
	lines | cmp - got
}

python_echo='
import socket, sys
s = socket.socket(socket.AF_INET, int(sys.argv[1]), int(sys.argv[2]))
s.bind(("", 5002))
for n in range(500):
    data, peer = s.recvfrom(100)
    assert int(data) == n
    s.sendto(data, peer)'
python_asks='
import socket, sys
s = socket.socket(socket.AF_INET, int(sys.argv[1]), int(sys.argv[2]))
for n in range(500):
    s.sendto(b"%d" % n, ("10.1.0.2", 5002))
    assert int(s.recv(100)) == n'

python_asks_and_answers() {
	serve "${run[@]}" python3 -c "$python_echo" 2 0
	ask "${run[@]}" python3 -c "$python_asks" 2 0
}

python_knows_sockets() {
	serve python3 -c "$python_echo" 4 "$PROTOCOL"
	ask python3 -c "$python_asks" 4 "$PROTOCOL"
}

# Some of node's threads spin by sched_yield() until another has got on. Among the ordinary
# ones that yields to nobody while time stands still; in a FIFO, to the next.
fifo=(chrt --fifo 1)

node_asks_and_answers() {
	serve "${fifo[@]}" "${run[@]}" node -e '
		const s = require("dgram").createSocket("udp4");
		s.on("message", (m, from) => s.send(m, from.port, from.address));
		s.bind(5003)'
	ask "${fifo[@]}" "${run[@]}" node -e '
		const s = require("dgram").createSocket("udp4"), ask = () => s.send("" + n, 5003, "10.1.0.2");
		let n = 0;
		s.on("message", (m) => {
			if (+m !== n) process.exit(1);
			if (++n === 500) process.exit(0);
			ask();
		});
		ask()'
}

memcached_keeps_values() {
	serve "${run[@]}" memcached -u nobody -U 11211 -p 0 -t 1
	ask "${run[@]}" python3 -c '
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("10.1.0.2", 11211))
def ask(i, text):
    s.send(struct.pack(">HHHH", i, 0, 1, 0) + text)
    answer = s.recv(65536)
    assert struct.unpack(">H", answer[:2])[0] == i
    return answer[8:]
for i in range(200):
    assert ask(i, b"set k%d 0 0 4\r\n%04d\r\n" % (i, i)) == b"STORED\r\n"
    assert b"\r\n%04d\r\n" % i in ask(i, b"get k%d\r\n" % i)'
}

# 500 queries, and one try for each.
dnsmasq_answers_each_query() {
	local names=(--only 53)

	[ ${#run[@]} != 0 ] || names=()
	seq 1 500 | awk '{ printf "10.2.%d.%d host%d.test\n", $1 / 250, $1 % 250, $1 }' >hosts
	seq 1 500 | sed 's/.*/host&.test/' >queries
	serve "${run[@]}" "${names[@]}" dnsmasq -k -u root -g root --no-resolv \
		--no-hosts --conf-file=/dev/null \
		--addn-hosts="$work/hosts" --listen-address=10.1.0.2 --bind-interfaces \
		--pid-file="$work/pid" --log-facility="$work/log"
	ask "${run[@]}" "${names[@]}" dig +tries=1 +timeout=5 +short @10.1.0.2 -f queries >answers
	awk 'NR == FNR { address[$2] = $1; next } { want[++n] = address[$1] }
		END { for (i = 1; i <= n; i++) print want[i] }' hosts queries | cmp - answers
}

tftp_carries_a_file() {
	mkdir -p served
	head -c 300000 /dev/urandom >served/file
	serve "${run[@]}" in.tftpd -L -s --address 10.1.0.2:69 "$work/served"
	ask "${run[@]}" tftp -m binary 10.1.0.2 -c get file || return
	cmp served/file file
}

# The processor's own counter runs on while virtual time stands still. What is lost is
# waited for, and not counted: so it is the number of answers that tells.
sockperf_has_all_answers() {
	serve "${run[@]}" sockperf server -i 10.1.0.2 -p 5004 --no-rdtsc >/dev/null
	ask "${run[@]}" sockperf ping-pong -i 10.1.0.2 -p 5004 -t 5 --no-rdtsc >report || return
	grep 'dropped messages = 0; # duplicated messages = 0; # out-of-order messages = 0' report &&
		[ "$(sed -n 's/.*ReceivedMessages=//p' report | sort -n | tail -1)" -gt 200 ]
}

# --- what rdgram-run decides ----------------------------------------------------------

# A UDP program hears what is sent by one that is run by rdgram-run: so it was UDP.
plain_echo='
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[1])))
if len(sys.argv) > 2:
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 socket.inet_aton(sys.argv[2]) + socket.inet_aton("10.1.0.2"))
while True:
    s.sendto(*s.recvfrom(100))'
# Asks until there is an answer, since some are lost; waits for it by epoll, where the
# socket was before anybody knew what it would be.
plain_asks='
import select, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.bind(("", 0))
e = select.epoll()
e.register(s, select.EPOLLIN)
for n in range(50):
    s.sendto(b"?", (sys.argv[1], int(sys.argv[2])))
    if e.poll(1):
        assert s.recv(100) == b"?"
        exit(0)
exit(1)'

stays_udp() { # WHY TO PORT OPTION...
	local why=$1 to=$2 port=$3
	shift 3
	ask "${run[@]}" -v "$@" python3 -c "$plain_asks" "$to" "$port" 2>said || { cat said; return 1; }
	grep "UDP, since $why" said
}

multicast_stays_udp() {
	serve python3 -c "$plain_echo" 5005 239.1.2.3
	ip -n a route add 239.0.0.0/8 dev eth0
	stays_udp 'it sends to a multicast address' 239.1.2.3 5005
}

broadcast_stays_udp() {
	serve python3 -c "$plain_echo" 5006
	stays_udp 'it sends to a broadcast address' 10.1.0.255 5006
}

name_servers_stay_udp() {
	serve python3 -c "$plain_echo" 53
	stays_udp 'it asks a name server' 10.1.0.2 53
}

ports_can_be_excluded() {
	serve python3 -c "$plain_echo" 5007
	stays_udp '--except names the port' 10.1.0.2 5007 --except 1-100,5007 &&
		stays_udp '--only does not name' 10.1.0.2 5007 --only 5000-5006
}

# Those who join a group are UDP sockets from then on, with what was set before.
groups_are_joined_by_udp() {
	serve "${run[@]}" -v python3 -c "$plain_echo" 5008 239.1.2.4 2>said
	ip -n a route replace 239.0.0.0/8 dev eth0
	ask python3 -c "$plain_asks" 239.1.2.4 5008 && grep 'UDP, since it joins a multicast group' said
}

a_program_sees_its_socket() {
	ask "${run[@]}" python3 -c '
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
assert s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_DGRAM
assert s.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL) == socket.IPPROTO_UDP
t = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
assert t.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL) == socket.IPPROTO_TCP'
}

# One line and a status of its own for what cannot be.
refuses() { # STATUS TEXT ARGUMENT...
	local want=$1 text=$2 status=0
	shift 2
	"${run[@]}" "$@" >/dev/null 2>said || status=$?
	[ "$status" = "$want" ] && [ "$(wc -l <said)" = 1 ] && grep -q -- "$text" said && return
	echo "# $* ended with $status, and said:"
	cat said
	return 1
}

tells_what_cannot_be() {
	printf '#!%s\n' "$work/no-such" >script
	cp /bin/true suid
	chmod 755 script
	chown nobody suid
	chmod 4755 suid
	refuses 126 'is static' busybox &&
		refuses 126 'rights of another user' ./suid &&
		refuses 127 'No such file' ./script &&
		refuses 127 'No such file' no-such-program &&
		refuses 126 'Permission denied' /tmp &&
		refuses 125 "'53,' is no list of ports" --only 53, true &&
		refuses 125 "'0' is no list of ports" --except 0 true &&
		refuses 125 'which program' -v &&
		refuses 125 'unrecognized option' --nonsense true
}

# --- all of them ----------------------------------------------------------------------

cases=(iperf3_loses_nothing socat_carries_lines socat_knows_sockets netcat_carries_lines
	python_asks_and_answers python_knows_sockets node_asks_and_answers memcached_keeps_values
	dnsmasq_answers_each_query tftp_carries_a_file sockperf_has_all_answers
	multicast_stays_udp broadcast_stays_udp name_servers_stay_udp ports_can_be_excluded
	groups_are_joined_by_udp a_program_sees_its_socket tells_what_cannot_be)
[ $# = 0 ] || cases=("$@")

make_hosts || exit
echo 'TAP version 13'
echo "1..${#cases[@]}"
n=0 status=0
for name in "${cases[@]}"; do
	n=$((n + 1))
	if "$name"; then
		echo "ok $n $name"
	else
		echo "not ok $n $name"
		status=1
	fi
	stop 2>/dev/null
done
exit $status
