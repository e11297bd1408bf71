#!/bin/sh
# Makes the captures of this folder: TLS 1.2 and 1.3 (openssl, curl) and SSH (OpenSSH) on the loopback of a network namespace.
# Root, tcpdump, tshark, openssl, curl, OpenSSH. Keys are made for it and thrown away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
ip netns add recording
trap 'ip netns del recording; rm -rf "$work"' EXIT
in_ns() { ip netns exec recording "$@"; }
in_ns ip link set lo up
cd "$work"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj '/C=GU/O=Example Org/CN=relay.example' 2>/dev/null
ssh-keygen -q -t ed25519 -N '' -f host_key
ssh-keygen -q -t ed25519 -N '' -f user_key
mkdir -p /run/sshd

ip netns exec recording tcpdump -i lo -s 0 -U -w tls.pcap 2>/dev/null & dump=$!
in_ns openssl s_server -accept 8443 -cert cert.pem -key key.pem -www -quiet >/dev/null 2>&1 & tls13=$!
in_ns openssl s_server -accept 8444 -cert cert.pem -key key.pem -www -tls1_2 -quiet >/dev/null 2>&1 & tls12=$!
sleep 2
for port in 8443 8444; do
  in_ns curl -sk -o /dev/null --resolve "relay.example:$port:127.0.0.1" "https://relay.example:$port/" || true
done
sleep 1
kill $tls13 $tls12 $dump
wait $dump || true
tshark -r tls.pcap -Y tcp.port==8443 -F pcapng -w "$here/tls13.pcapng" 2>/dev/null
tshark -r tls.pcap -Y tcp.port==8444 -F pcap -w "$here/tls12.pcap" 2>/dev/null

ip netns exec recording tcpdump -i lo -s 0 -U -w "$here/ssh.pcap" 2>/dev/null & dump=$!
ip netns exec recording /usr/sbin/sshd -D -p 2222 -h "$work/host_key" -o AuthorizedKeysFile="$work/user_key.pub" -o StrictModes=no -o PidFile=none -o UsePAM=no -o PermitRootLogin=yes 2>/dev/null & server=$!
sleep 2
in_ns ssh -i user_key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p 2222 root@127.0.0.1 true 2>/dev/null || true
sleep 1
kill $server $dump
wait $dump || true
