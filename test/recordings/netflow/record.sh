#!/bin/sh
# Makes the files of this folder: web requests on the loopback of a network namespace, captured by tcpdump, exported by softflowd as
# NetFlow 5, 9 and IPFIX, collected by nfcapd, printed by nfdump. The export packets themselves are captured, too.
# Root, tcpdump, softflowd, nfdump, curl, python3. Times print in UTC.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
export TZ=UTC
ip netns add recording
trap 'ip netns del recording; rm -rf "$work"' EXIT
ip netns exec recording ip link set lo up
ip netns exec recording ip addr add 10.7.0.1/32 dev lo
ip netns exec recording ip addr add 10.7.0.2/32 dev lo
cd "$work"
mkdir www
head -c 20000 /dev/zero > www/file
ip netns exec recording python3 -m http.server 8080 --directory www >/dev/null 2>&1 & server=$!
ip netns exec recording tcpdump -i lo -s 128 -U -w "$here/web.pcap" tcp 2>/dev/null & dump=$!
sleep 2
for number in 1 2 3 4 5 6; do
  ip netns exec recording curl -s -m 5 -o /dev/null --interface 10.7.0.2 "http://10.7.0.1:8080/file?$number"
  sleep 0.2
done
ip netns exec recording curl -s -m 5 -o /dev/null --interface 10.7.0.2 http://10.7.0.1:8081/ || true
sleep 1
kill $dump $server
for version in 5 9 10; do
  mkdir "v$version"
  ip netns exec recording nfcapd -l "$work/v$version" -p 2055 -t 300 >/dev/null 2>&1 & collector=$!
  ip netns exec recording tcpdump -i lo -s 0 -U -w "$here/export-v$version.pcap" udp port 2055 2>/dev/null & dump=$!
  sleep 2
  ip netns exec recording softflowd -r "$here/web.pcap" -n 127.0.0.1:2055 -v "$version" -d >/dev/null 2>&1
  sleep 1
  kill $collector
  sleep 2
  kill $dump
  cp "v$version"/nfcapd.2* "$here/v$version.nfcapd"
done
nfdump -r "$here/v9.nfcapd" -o csv > "$here/v9.csv"
nfdump -r "$here/v9.nfcapd" -o json > "$here/v9.json"
nfdump -r "$here/v9.nfcapd" -q -o json > "$here/v9-quiet.json"
nfdump -r "$here/v9.nfcapd" -B -o csv > "$here/v9-both.csv"
nfdump -z -r "$here/v9.nfcapd" -w "$here/v9-lzo.nfcapd" >/dev/null
