#!/bin/sh
# Makes the recordings beside this script from software of Debian 12 (nginx-light, haproxy, squid, systemd-journal-remote, util-linux,
# openssh-client, curl), all on this machine, nothing from outside: `sh test/recordings/record.sh`. Run it again to renew them; the tests
# then say what changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'kill $(cat "$work"/*.pid 2>/dev/null) 2>/dev/null || true; rm -rf "$work"' EXIT
export TZ=UTC LC_ALL=C

# A page, a missing page, a missing page with a query.
ask() { curl -s -o /dev/null -A 'curl/7' "http://127.0.0.1:$1/index.html" && curl -s -o /dev/null "http://127.0.0.1:$1/up/a.php" && curl -s -o /dev/null -X POST -d x=1 "http://127.0.0.1:$1/missing.jsp?cmd=id"; }

mkdir -p "$work/www" "$work/body" "$work/squid"
chown proxy "$work/squid"
echo hello > "$work/www/index.html"
cat > "$work/nginx.conf" <<CONF
pid $work/nginx.pid;
error_log $work/nginx-error.log info;
events {}
http {
  access_log $work/nginx-access.log combined;
  client_body_temp_path $work/body; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server { listen 127.0.0.1:29080; root $work/www; }
}
CONF
chmod 755 "$work" && nginx -c "$work/nginx.conf"
cat > "$work/haproxy.cfg" <<CONF
global
  log stdout format rfc3164 local0
  log 127.0.0.1:29514 local1
defaults
  mode http
  log global
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:29081
  option httplog
  capture request header User-Agent len 64
  default_backend pages
backend pages
  server nginx1 127.0.0.1:29080
frontend raw
  mode tcp
  bind 127.0.0.1:29082
  option tcplog
  default_backend plain
backend plain
  mode tcp
  server nginx1 127.0.0.1:29080
CONF
haproxy -f "$work/haproxy.cfg" -p "$work/haproxy.pid" > "$work/haproxy.log" 2>/dev/null &
echo $! > "$work/haproxy.pid"
cat > "$work/squid.conf" <<CONF
http_port 127.0.0.1:29128
pid_filename $work/squid/pid
access_log stdio:$work/squid/access.log squid
access_log stdio:$work/squid/combined.log combined
cache_log $work/squid/cache.log
cache_store_log none
cache deny all
http_access allow localhost
CONF
squid -n recording -N -f "$work/squid.conf" >/dev/null 2>&1 &
echo $! > "$work/squid-job.pid"
sleep 5
ask 29080; ask 29081; curl -s -o /dev/null "http://127.0.0.1:29082/index.html" || true
curl -s -o /dev/null -x http://127.0.0.1:29128 "http://127.0.0.1:29080/index.html" || true
curl -s -o /dev/null -x http://127.0.0.1:29128 -p "http://127.0.0.1:29080/index.html" || true
curl -s -o /dev/null -x http://127.0.0.1:29128 "http://127.0.0.1:9/none" || true
sleep 2
cp "$work/nginx-access.log" "$here/nginx-access.log"
grep -v notice "$work/nginx-error.log" | sed "s#$work#/srv#g" > "$here/nginx-error.log"
grep -a 'web\|raw' "$work/haproxy.log" > "$here/haproxy.log" || cp "$work/haproxy.log" "$here/haproxy.log"
cp "$work/squid/access.log" "$here/squid-access.log"

# A journal that systemd itself writes, from records in its export format.
python3 - "$work/journal.export" <<'PY'
import struct, sys
out = open(sys.argv[1], 'wb')
BOOT, MACHINE = b'6c1f0d8c1f2b4b0ea5d1c0a9f3e7b642', b'0f1e2d3c4b5a69788796a5b4c3d2e1f0'
RECORDS = [
  ('sshd', 812, 'Accepted publickey for ora from 203.0.113.9 port 50220 ssh2: ED25519 SHA256:abc', {}),
  ('sudo', 830, '     ora : TTY=pts/0 ; PWD=/home/ora ; USER=root ; COMMAND=/usr/bin/id', {}),
  ('systemd', 1, 'Started Daily apt download activities.', {'UNIT': 'apt-daily.service'}),
  ('app', 900, 'first line\nsecond line \x00 binary', {}),
  ('app', 901, 'long ' * 400, {}),
]
for number, (program, pid, message, more) in enumerate(RECORDS):
  time = 1692077665120000 + number * 1000000
  fields = {'__REALTIME_TIMESTAMP': str(time), '__MONOTONIC_TIMESTAMP': str(1000000 + number), '_BOOT_ID': BOOT.decode(),
    '_MACHINE_ID': MACHINE.decode(), '_HOSTNAME': 'gw01', 'SYSLOG_IDENTIFIER': program, '_PID': str(pid), '_UID': '0',
    '_TRANSPORT': 'syslog', 'PRIORITY': '6', **more}
  for name, value in fields.items(): out.write(f'{name}={value}\n'.encode())
  data = message.encode()
  out.write(b'MESSAGE\n' + struct.pack('<Q', len(data)) + data + b'\n' if b'\n' in data else b'MESSAGE=' + data + b'\n')
  out.write(b'\n')
PY
remote=/lib/systemd/systemd-journal-remote
for kind in plain compact; do
  [ $kind = compact ] && export SYSTEMD_JOURNAL_COMPACT=1 || export SYSTEMD_JOURNAL_COMPACT=0
  $remote --compress=yes -o "$work/$kind.journal" "$work/journal.export" >/dev/null 2>&1
done
# Most of a journal file is room kept for later; it compresses to nothing.
gzip -9nc "$work/plain.journal" > "$here/plain.journal.gz"
gzip -9nc "$work/compact.journal" > "$here/compact.journal.gz"
journalctl --file "$work/plain.journal" -o json > "$here/journal.json"
journalctl --file "$work/plain.journal" -o export > "$here/journal.export"

# Log-in records as util-linux writes them.
utmpdump -r > "$here/wtmp" 2>/dev/null <<'DUMP'
[2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-10-amd64      ] [0.0.0.0        ] [2023-08-15T05:00:00,000000+00:00]
[7] [00812] [ts/0] [ora     ] [pts/0       ] [203.0.113.9         ] [203.0.113.9    ] [2023-08-15T05:34:25,120000+00:00]
[8] [00812] [ts/0] [        ] [pts/0       ] [                    ] [0.0.0.0        ] [2023-08-15T05:44:25,000000+00:00]
[1] [00000] [~~  ] [shutdown] [~           ] [6.1.0-10-amd64      ] [0.0.0.0        ] [2023-08-15T06:00:00,000000+00:00]
DUMP
utmpdump -r > "$here/btmp" 2>/dev/null <<'DUMP'
[6] [00900] [    ] [admin   ] [ssh:notty   ] [203.0.113.9         ] [203.0.113.9    ] [2023-08-15T05:33:00,000000+00:00]
[6] [00901] [    ] [root    ] [ssh:notty   ] [203.0.113.9         ] [203.0.113.9    ] [2023-08-15T05:33:02,000000+00:00]
DUMP

ssh-keygen -q -t ed25519 -N '' -C 'ora@workstation' -f "$work/key"
{ echo '# keys of the office'; cat "$work/key.pub"; printf 'from="203.0.113.0/24",no-pty '; cat "$work/key.pub"; } > "$here/authorized_keys"
ssh-keygen -lf "$work/key.pub" | cut -d' ' -f2 > "$here/authorized_keys.fingerprint"

head -20 /var/log/apt/history.log | sed -n '1,12p' | cut -c1-400 > "$here/apt-history.log"
grep -E ' (install|upgrade|remove|startup|status installed|configure) ' /var/log/dpkg.log | head -12 > "$here/dpkg.log"
cat /etc/cron.d/e2scrub_all > "$here/cron.d-e2scrub_all"
cp /lib/systemd/system/ssh.service "$here/ssh.service" 2>/dev/null || cp /lib/systemd/system/cron.service "$here/ssh.service" 2>/dev/null || true
cp /lib/systemd/system/apt-daily.timer "$here/apt-daily.timer" 2>/dev/null || true
ls -la "$here"
