#!/bin/bash
# Makes the recordings beside this script from software of Debian 12 (apache2, php-fpm, tomcat10, isc-dhcp-server and -client, openvpn,
# freeradius, vsftpd, zsh, dnf, rpm, curl), all of it on this machine's loopback or in network namespaces of its own, nothing from outside.
# As root: `bash test/recordings/services/record.sh [NAME]...`. Run it again to renew them; the tests then say what changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
export TZ=UTC LC_ALL=C
spaces=()
cleanup() {
  for pid in $(cat "$work"/*.pid 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
  sleep 1
  for space in "${spaces[@]:-}"; do [ -z "$space" ] || ip netns del "$space" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
chmod 755 "$work"
# What a recording must not carry: the scratch folder and the name of the machine.
tidy() { sed -e "s#$work#/srv#g" -e "s#\\b$(hostname)\\b#recorder#g"; }
# Waits until a port of loopback answers.
await() { for _ in $(seq 150); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0; sleep 0.4; done; echo "nothing answers at port $1" >&2; return 1; }
fetch() { curl -s -o /dev/null --max-time 20 "$@" || true; }

# Two namespaces with a cable between them: 192.0.2.1 in the first.
cable() {
  ip netns add "$1"; spaces+=("$1"); ip netns add "$2"; spaces+=("$2")
  ip -n "$1" link add wire type veth peer name wire netns "$2"
  for space in "$1" "$2"; do ip -n "$space" link set lo up; ip -n "$space" link set wire up; done
  ip -n "$1" addr add 192.0.2.1/24 dev wire
}

record_apache() {
  mkdir -p "$work/www/closed" "$work/www/list"
  echo hello > "$work/www/index.html"
  cat > "$work/www/noisy.php" <<'PHP'
<?php
error_log('order 4711 was not found');
echo $undefined;
file_get_contents('/nonexistent/config.ini');
throw new RuntimeException('database is not reachable');
PHP
  chown -R www-data "$work/www"
  cat > "$work/fpm.conf" <<CONF
[global]
pid = $work/fpm.pid
error_log = $work/php-fpm.log
log_level = notice
[www]
user = www-data
listen = 127.0.0.1:29190
pm = static
pm.max_children = 1
catch_workers_output = yes
php_admin_value[log_errors] = on
php_admin_value[error_log] = $work/php-error.log
php_admin_value[date.timezone] = Europe/Berlin
[other]
user = www-data
listen = 127.0.0.1:29191
pm = static
pm.max_children = 1
request_terminate_timeout = 2s
php_admin_value[log_errors] = on
CONF
  touch "$work/php-error.log"; chown www-data "$work/php-error.log"
  /usr/sbin/php-fpm8.2 -y "$work/fpm.conf" -R
  cat > "$work/www/slow.php" <<'PHP'
<?php
sleep(6);
PHP
  modules=/usr/lib/apache2/modules
  cat > "$work/apache.conf" <<CONF
ServerRoot $work
ServerName www.example
PidFile $work/apache.pid
Listen 127.0.0.1:29180
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authn_core_module $modules/mod_authn_core.so
LoadModule authn_file_module $modules/mod_authn_file.so
LoadModule auth_basic_module $modules/mod_auth_basic.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule authz_user_module $modules/mod_authz_user.so
LoadModule autoindex_module $modules/mod_autoindex.so
LoadModule dir_module $modules/mod_dir.so
LoadModule mime_module $modules/mod_mime.so
LoadModule alias_module $modules/mod_alias.so
LoadModule proxy_module $modules/mod_proxy.so
LoadModule proxy_fcgi_module $modules/mod_proxy_fcgi.so
LoadModule proxy_http_module $modules/mod_proxy_http.so
LoadModule cgid_module $modules/mod_cgid.so
TypesConfig /etc/mime.types
ScriptSock $work/cgisock
User www-data
Group www-data
DocumentRoot $work/www
ErrorLog $work/apache-error.log
LogFormat "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" combined
LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" vhost_combined
CustomLog $work/apache-access.log combined
CustomLog $work/apache-vhosts.log vhost_combined
<Directory $work/www>
  Require all granted
</Directory>
<Directory $work/www/closed>
  AuthType Basic
  AuthName closed
  AuthUserFile $work/passwords
  Require valid-user
</Directory>
<Location /never>
  Require all denied
</Location>
ScriptAlias /cgi/ $work/cgi/
ProxyPassMatch ^/noisy\.php$ fcgi://127.0.0.1:29191$work/www/noisy.php
ProxyPassMatch ^/slow\.php$ fcgi://127.0.0.1:29191$work/www/slow.php
ProxyPassMatch ^/own\.php$ fcgi://127.0.0.1:29190$work/www/noisy.php
ProxyPass /gone http://127.0.0.1:29199/
CONF
  mkdir -p "$work/cgi"
  printf '#!/bin/sh\necho "tool: not found" >&2\nprintf "Content-Type: text/plain\\n\\nhello\\n"\n' > "$work/cgi/status"
  chmod 755 "$work/cgi/status"
  htpasswd -bc "$work/passwords" ora right-word 2>/dev/null
  apache2 -f "$work/apache.conf" || cat "$work/apache-error.log"
  await 29180
  site=http://127.0.0.1:29180
  fetch -A 'Mozilla/5.0 (X11; Linux x86_64)' -e 'https://www.example/start' "$site/index.html"
  fetch "$site/missing.jsp?cmd=id"
  fetch "$site/list/"
  fetch "$site/never/in"
  fetch -u ora:right-word "$site/closed/"
  fetch -u ora:wrong-word "$site/closed/"
  fetch -u nobody:x "$site/closed/"
  fetch -X POST -d a=1 -e 'https://www.example/form' "$site/noisy.php"
  fetch "$site/own.php"
  fetch "$site/slow.php"
  fetch "$site/cgi/status"
  fetch "$site/cgi/none"
  fetch "$site/gone"
  fetch --path-as-is "$site/a%00b"
  sleep 1
  kill "$(cat "$work/apache.pid")"; kill -QUIT "$(cat "$work/fpm.pid")"; sleep 2
  for name in apache-error apache-access apache-vhosts php-fpm php-error; do tidy < "$work/$name.log" > "$here/$name.log"; done
}

record_tomcat() {
  base=$work/tomcat
  mkdir -p "$base"/{conf,logs,webapps,temp,work} "$work/app"
  cp /etc/tomcat10/web.xml "$base/conf/"
  sed -e 's/port="8080"/port="29280" address="127.0.0.1"/' -e 's/port="8005"/port="-1"/' /etc/tomcat10/server.xml > "$base/conf/server.xml"
  cat /etc/tomcat10/logging.properties > "$base/conf/logging.properties"
  cp /etc/tomcat10/tomcat-users.xml "$base/conf/" 2>/dev/null || true
  echo '<html>hello</html>' > "$work/app/index.html"
  echo '<% String s = null; s.length(); %>' > "$work/app/broken.jsp"
  (cd "$work/app" && jar cf "$work/shop.war" index.html broken.jsp 2>/dev/null || python3 -c "import zipfile;z=zipfile.ZipFile('$work/shop.war','w');[z.write(n) for n in ('index.html','broken.jsp')]")
  export CATALINA_BASE=$base CATALINA_HOME=/usr/share/tomcat10 CATALINA_PID=$work/tomcat.pid JAVA_OPTS='-Xmx128m'
  /usr/share/tomcat10/bin/catalina.sh start >/dev/null
  await 29280
  sleep 6
  cp "$work/shop.war" "$base/webapps/shop.war"
  for _ in $(seq 90); do curl -s -f -o /dev/null http://127.0.0.1:29280/shop/ && break; sleep 1; done
  fetch -A 'Mozilla/5.0' http://127.0.0.1:29280/shop/index.html
  fetch http://127.0.0.1:29280/shop/broken.jsp
  fetch 'http://127.0.0.1:29280/none?x=1'
  rm "$base/webapps/shop.war"
  sleep 30
  /usr/share/tomcat10/bin/catalina.sh stop 20 >/dev/null 2>&1 || kill "$(cat "$work/tomcat.pid")" 2>/dev/null || true
  sleep 5
  # Of the start, its first lines and what concerns applications is enough.
  tidy < "$base"/logs/catalina.*.log | awk 'NR<=6 || /HostConfig|SEVERE|Catalina\.(start|load)|ProtocolHandler/' | cut -c1-400 > "$here/tomcat-catalina.log"
  tidy < "$base"/logs/localhost.*.log | awk '!/^\t\tat/ || n++ < 6' | cut -c1-400 > "$here/tomcat-localhost.log"
  tidy < "$base"/logs/localhost_access_log.*.txt | awk '!seen[$7 $9]++' > "$here/tomcat-access.log"
}

record_dhcp() {
  cable rec-dhcp-server rec-dhcp-client
  cat > "$work/dhcpd.conf" <<CONF
default-lease-time 600;
max-lease-time 7200;
authoritative;
subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.2.100 192.0.2.110; option routers 192.0.2.1; }
CONF
  touch "$work/dhcpd.leases"
  ip -n rec-dhcp-client link set wire address 02:00:00:00:57:01
  ip netns exec rec-dhcp-server dhcpd -4 -f -user root -group root -cf "$work/dhcpd.conf" -lf "$work/dhcpd.leases" -pf "$work/dhcpd.pid" wire > "$work/dhcpd.out" 2>&1 &
  echo $! > "$work/dhcp-job.pid"
  sleep 3
  printf 'send host-name "ws11";\nrequest subnet-mask, routers;\n' > "$work/dhclient.conf"
  ip netns exec rec-dhcp-client dhclient -4 -1 -sf /bin/true -cf "$work/dhclient.conf" -lf "$work/client.leases" -pf "$work/dhclient.pid" wire > "$work/dhclient.out" 2>&1 || cat "$work/dhclient.out"
  ip netns exec rec-dhcp-client dhclient -4 -r -sf /bin/true -cf "$work/dhclient.conf" -lf "$work/client.leases" -pf "$work/dhclient.pid" wire >> "$work/dhclient.out" 2>&1 || true
  ip -n rec-dhcp-client link set wire down; ip -n rec-dhcp-client link set wire address 02:00:00:00:57:02; ip -n rec-dhcp-client link set wire up
  sleep 1
  printf 'send host-name "laptop7";\n' > "$work/dhclient.conf"
  ip netns exec rec-dhcp-client dhclient -4 -1 -sf /bin/true -cf "$work/dhclient.conf" -lf "$work/client2.leases" -pf "$work/dhclient.pid" wire >> "$work/dhclient.out" 2>&1 || cat "$work/dhclient.out"
  sleep 1
  tidy < "$work/dhcpd.leases" > "$here/dhcpd.leases"
}

record_openvpn() {
  cable rec-vpn-server rec-vpn-client
  ip -n rec-vpn-client addr add 192.0.2.9/24 dev wire
  (cd "$work" && openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 3650 -subj '/CN=example-ca' 2>/dev/null
   for name in vpn01 ora; do
     openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj "/CN=$name" 2>/dev/null
     openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out $name.crt 2>/dev/null
   done
   openssl req -x509 -newkey rsa:2048 -nodes -keyout stranger.key -out stranger.crt -days 30 -subj '/CN=stranger' 2>/dev/null)
  printf '#!/bin/sh\n[ "$(tail -1 "$1")" = right-word ]\n' > "$work/check"; chmod 755 "$work/check"
  cat > "$work/server.conf" <<CONF
mode server
tls-server
dev tun
topology subnet
ifconfig 10.8.0.1 255.255.255.0
ifconfig-pool 10.8.0.4 10.8.0.20
push "topology subnet"
local 192.0.2.1
port 1194
proto udp
dh none
ca $work/ca.crt
cert $work/vpn01.crt
key $work/vpn01.key
script-security 2
auth-user-pass-verify $work/check via-file
keepalive 2 6
explicit-exit-notify 1
status $work/openvpn-status.log 2
status-version 2
log $work/openvpn.log
verb 3
CONF
  ip netns exec rec-vpn-server openvpn --config "$work/server.conf" --writepid "$work/vpn-server.pid" &
  sleep 3
  client() { # name of certificate, password, seconds
    printf 'ora\n%s\n' "$2" > "$work/login"
    chmod 600 "$work/login"
    ip netns exec rec-vpn-client timeout "$3" openvpn --client --dev tun --nobind --proto udp --remote 192.0.2.1 1194 --ca "$work/ca.crt" \
      --cert "$work/$1.crt" --key "$work/$1.key" --auth-user-pass "$work/login" --explicit-exit-notify 1 --connect-retry-max 1 > "$work/client-$1-$2.log" 2>&1 || true
  }
  client ora wrong-word 8
  client stranger right-word 8
  client ora right-word 9 &
  sleep 7
  tidy < "$work/openvpn-status.log" > "$here/openvpn-status.log"
  wait %2 2>/dev/null || true
  sleep 8
  kill "$(cat "$work/vpn-server.pid")"; sleep 1
  tidy < "$work/openvpn.log" > "$here/openvpn.log"
}

record_freeradius() {
  cp -r /etc/freeradius/3.0 "$work/raddb"
  sed -i -e "s#^logdir = .*#logdir = $work/radius#" -e "s#^run_dir = .*#run_dir = $work/radius#" -e 's/^\tauth = no/\tauth = yes/' \
    -e 's/^\(\s*\)auth = no/\1auth = yes/' -e 's/^\(\s*\)user = .*/\1user = root/' -e 's/^\(\s*\)group = .*/\1group = root/' "$work/raddb/radiusd.conf"
  printf 'ora Cleartext-Password := "right-word"\n\tReply-Message = "hello"\n' > "$work/raddb/users.new"
  cat "$work/raddb/users" >> "$work/raddb/users.new" 2>/dev/null || true
  rm -f "$work/raddb/users"; cp "$work/raddb/users.new" "$work/raddb/mods-config/files/authorize"
  awk '/^[ \t]*port = 0/ { sub(/0/, 29812 + n++) } { sub(/ipaddr = \*/, "ipaddr = 127.0.0.1"); print }' /etc/freeradius/3.0/sites-available/default > "$work/raddb/sites-enabled/default.new"
  rm "$work/raddb/sites-enabled/default"; mv "$work/raddb/sites-enabled/default.new" "$work/raddb/sites-enabled/default"
  rm -f "$work/raddb/sites-enabled/inner-tunnel" "$work/raddb/mods-enabled/eap"
  sed -i -e 's/^\(\s*\)eap\b.*{/\1group {/' -e 's/^\(\s*\)eap$/\1# no EAP/' "$work/raddb/sites-enabled/default"
  mkdir -p "$work/radius"
  freeradius -f -d "$work/raddb" -l "$work/radius/radius.log" > "$work/radius.out" 2>&1 &
  echo $! > "$work/radius-job.pid"
  sleep 6
  ask() { printf 'User-Name=%s,User-Password=%s,NAS-IP-Address=192.0.2.1,Calling-Station-Id=%s,NAS-Port=%s' "$1" "$2" "$3" "$4" | radclient -r 1 -t 3 127.0.0.1:29812 auth testing123 > "$work/radclient.$4" 2>&1 || true; }
  ask ora right-word 203.0.113.9 7
  ask ora wrong-word 203.0.113.9 8
  ask nobody guess 198.51.100.4 9
  sleep 3
  grep -q Login "$work/radius/radius.log" || cat "$work"/radclient.*
  tidy < "$work/radius/radius.log" > "$here/freeradius.log"
}

record_vsftpd() {
  mkdir -p "$work/ftp/in"; echo hello > "$work/ftp/readme.txt"; chown -R ftp "$work/ftp/in"
  cat > "$work/vsftpd.conf" <<CONF
listen=YES
listen_address=127.0.0.1
listen_port=29121
background=NO
anonymous_enable=YES
anon_root=$work/ftp
anon_upload_enable=YES
anon_mkdir_write_enable=YES
write_enable=YES
local_enable=NO
no_anon_password=NO
dual_log_enable=YES
xferlog_enable=YES
xferlog_file=$work/xferlog
vsftpd_log_file=$work/vsftpd.log
secure_chroot_dir=$work/empty
seccomp_sandbox=NO
CONF
  mkdir -p "$work/empty"
  vsftpd "$work/vsftpd.conf" &
  echo $! > "$work/vsftpd-job.pid"
  await 29121
  fetch "ftp://127.0.0.1:29121/readme.txt"
  echo page > "$work/page.php"
  fetch -T "$work/page.php" "ftp://127.0.0.1:29121/in/page.php"
  fetch -u ora:wrong-word "ftp://127.0.0.1:29121/"
  sleep 1
  tidy < "$work/vsftpd.log" > "$here/vsftpd.log"
  tidy < "$work/xferlog" > "$here/xferlog"
}

record_zsh() {
  cat > "$work/session.zsh" <<'ZSH'
setopt EXTENDED_HISTORY
HISTSIZE=100 SAVEHIST=100
print -s 'curl -s http://203.0.113.9/a -o /tmp/a'
print -s 'sudo id'
print -s $'for name in a b; do\necho $name\ndone'
print -s 'echo größe'
fc -W
ZSH
  HOME=$work HISTFILE=$work/zsh_history LC_ALL=C.UTF-8 zsh -f -i -c "source $work/session.zsh" < /dev/null
  cp "$work/zsh_history" "$here/zsh_history"
}

record_dnf() {
  mkdir -p "$work/rpm" "$work/root" "$work/cache"
  printf 'Name: tunnel-tool\nVersion: 1.0\nRelease: 1\nSummary: an empty package\nLicense: none\nBuildArch: noarch\n%%description\nEmpty.\n%%files\n' > "$work/tool.spec"
  rpmbuild --quiet --define "_topdir $work/rpm" -bb "$work/tool.spec" > "$work/rpm.out" 2>&1
  run() { dnf -y --installroot="$work/root" --releasever=9 --disablerepo='*' --setopt=cachedir="$work/cache" --setopt=logdir=/var/log --nogpgcheck "$@" > "$work/dnf.out" 2>&1 || tail -3 "$work/dnf.out"; }
  run install "$work"/rpm/RPMS/noarch/tunnel-tool-1.0-1.noarch.rpm
  run remove tunnel-tool
  logs=$work/root/var/log
  [ -d "$logs" ] || logs=/var/log
  tidy < "$logs/dnf.rpm.log" | tail -20 > "$here/dnf.rpm.log"
  tidy < "$logs/dnf.log" | grep -E 'Command:|^[^2]|^$| (INFO|WARNING|ERROR) ' | cut -c1-400 | tail -60 > "$here/dnf.log"
}

for name in ${*:-apache tomcat dhcp openvpn freeradius vsftpd zsh dnf}; do
  "record_$name"
done
ls -la "$here"
