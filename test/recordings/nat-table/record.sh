#!/usr/bin/env bash
# The table of a Linux router (network namespaces, root) that leads two of its ports on and hides the machines inside: nf_conntrack.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
started=()
trap 'kill "${started[@]}" 2>/dev/null; for name in nat-client nat-router nat-server; do ip netns del $name; done' EXIT
for name in nat-client nat-router nat-server; do ip netns add $name; ip -n $name link set lo up; done
ip link add c0 netns nat-client type veth peer name r0 netns nat-router
ip link add s0 netns nat-server type veth peer name r1 netns nat-router
ip -n nat-client addr add 198.51.100.7/24 dev c0; ip -n nat-client link set c0 up
ip -n nat-router addr add 198.51.100.1/24 dev r0; ip -n nat-router link set r0 up
ip -n nat-router addr add 10.0.0.1/24 dev r1; ip -n nat-router link set r1 up
ip -n nat-server addr add 10.0.0.9/24 dev s0; ip -n nat-server link set s0 up; ip -n nat-server route add default via 10.0.0.1
router="ip netns exec nat-router"
$router sysctl -qw net.ipv4.ip_forward=1 net.netfilter.nf_conntrack_acct=1
$router iptables -t nat -A PREROUTING -d 198.51.100.1 -p tcp --dport 8443 -j DNAT --to-destination 10.0.0.9:443
$router iptables -t nat -A PREROUTING -d 198.51.100.1 -p tcp --dport 2222 -j DNAT --to-destination 10.0.0.9:22
$router iptables -t nat -A POSTROUTING -d 10.0.0.9 -p tcp --dport 22 -j MASQUERADE
$router iptables -t nat -A POSTROUTING -o r0 -j MASQUERADE
for place in "nat-server 443" "nat-server 22" "nat-client 80"; do
  set -- $place
  ip netns exec "$1" socat "TCP-LISTEN:$2,fork,reuseaddr" EXEC:cat & started+=($!)
done
sleep 0.5
for place in "nat-client 198.51.100.1:8443" "nat-client 198.51.100.1:2222" "nat-server 198.51.100.7:80"; do
  set -- $place
  (echo hello; sleep 3) | ip netns exec "$1" socat - "TCP:$2" >/dev/null & started+=($!)
done
echo hello | ip netns exec nat-client socat - TCP:198.51.100.1:8443 >/dev/null
sleep 1
$router cat /proc/net/nf_conntrack > "$here/nf_conntrack"
