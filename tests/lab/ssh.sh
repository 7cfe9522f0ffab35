# shellcheck shell=bash
# The ssh side of the lab: keys, accounts, sshds and the client configuration. A part of tests/lab/lab, which says what each
# port and alias is for; not to be run by itself.

PORTS=(22 2223 2224 2225)
ALIASES=(ssh ssh-dial ssh-few ssh-2fa ssh-jump ssh-passphrase ssh-denied ssh-badkey ssh-unknown ssh-nogroup ssh-refused)

account() {
  getent passwd "$1" >/dev/null ||
    useradd --system --user-group --no-create-home --home-dir "$LAB/ssh/home" --shell /bin/sh --password '*' \
      --comment "wheelhouse lab $LAB" "$1"
}
drop_account() {
  [ "$(getent passwd "$1" | command cut -d: -f5)" = "wheelhouse lab $LAB" ] || return 0
  userdel "$1" 2>/dev/null || true
  groupdel "$1" 2>/dev/null || true
}

sshd_config() { # PORT LINE…; the lines come first, since sshd keeps the first value it reads
  local port=$1; shift
  printf '%s\n' "$@"
  cat <<END
Port $port
ListenAddress 0.0.0.0
HostKey $LAB/ssh/host_key
PidFile $LAB/ssh/sshd-$port.pid
AuthorizedKeysFile $LAB/ssh/authorized_keys
AllowUsers $OPERATOR $OUTSIDER
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
UseDNS no
LogLevel VERBOSE
SetEnv PATH=$(dirname "$(command -v docker)"):/usr/local/bin:/usr/bin:/bin
END
  # Newer servers punish an address for its failures; tests fail on purpose.
  if "$(command -v sshd)" -T -f /dev/null -h "$LAB/ssh/host_key" -o PerSourcePenalties=no >/dev/null 2>&1; then
    echo PerSourcePenalties no
  fi
}

ssh_config() {
  cat <<END
Host ssh-jump
  HostName 127.0.0.1
  ProxyJump ssh
Host ssh-dial
  Port 2223
Host ssh-few
  Port 2224
Host ssh-2fa
  Port 2225
Host ssh-refused
  Port 2299
Host ssh-passphrase
  IdentityFile $LAB/ssh/passphrase_key
Host ssh-denied
  IdentityFile $LAB/ssh/denied_key
Host ssh-badkey
  UserKnownHostsFile $LAB/ssh/known_hosts_bad
Host ssh-unknown
  UserKnownHostsFile $LAB/ssh/known_hosts_empty
Host ssh-nogroup
  User $OUTSIDER

Host ssh-passphrase ssh-denied
  User $OPERATOR
Host ssh-* !ssh-passphrase !ssh-denied ssh $(address ssh)
  IdentityFile $LAB/ssh/client_key
Host ssh ssh-* $(address ssh)
  HostName $(address ssh)
  User $OPERATOR
  IdentitiesOnly yes
  UserKnownHostsFile $LAB/ssh/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
END
}

known_hosts() { # PUBLIC-KEY-FILE
  local port key; key=$(command cut -d' ' -f1,2 "$1")
  echo "$(address ssh),127.0.0.1 $key"
  for port in "${PORTS[@]}"; do echo "[$(address ssh)]:$port $key"; done
}

ssh_files() {
  local dir=$LAB/ssh key
  mkdir -p "$dir/home" "$dir/bin"
  account "$OPERATOR"; account "$OUTSIDER"
  for key in host_key other_host_key client_key denied_key; do
    [ -e "$dir/$key" ] || ssh-keygen -q -t ed25519 -N '' -C "lab $key" -f "$dir/$key"
  done
  [ -e "$dir/passphrase_key" ] || ssh-keygen -q -t ed25519 -N "$PASSPHRASE" -C 'lab passphrase_key' -f "$dir/passphrase_key"
  cat "$dir/client_key.pub" "$dir/passphrase_key.pub" >"$dir/authorized_keys"
  known_hosts "$dir/host_key.pub" >"$dir/known_hosts"
  known_hosts "$dir/other_host_key.pub" >"$dir/known_hosts_bad"
  : >"$dir/known_hosts_empty"
  sshd_config 22 >"$dir/sshd-22.conf"
  sshd_config 2223 'AllowStreamLocalForwarding no' >"$dir/sshd-2223.conf"
  sshd_config 2224 'MaxStartups 2' 'MaxSessions 1' >"$dir/sshd-2224.conf"
  sshd_config 2225 'PasswordAuthentication yes' 'AuthenticationMethods publickey,password' >"$dir/sshd-2225.conf"
  ssh_config >"$dir/config"
  # shellcheck disable=SC2016 # "$@" is the wrapper's own
  printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(command -v ssh)" "$dir/config" >"$dir/bin/ssh"
  chmod +x "$dir/bin/ssh"
}

start_sshd() {
  local port missing=()
  for port in "${PORTS[@]}"; do owned "$LAB/ssh/sshd-$port.pid" >/dev/null || missing+=("$port"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  # A /run of their own, where the engine's socket is at its usual place.
  # shellcheck disable=SC2016 # for the inner shell
  inside ssh unshare --mount --propagation slave sh -euc '
    dir=$1 sshd=$2; shift 2
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir -m 755 /run/sshd
    ln -s "$dir/docker.sock" /run/docker.sock
    for port; do "$sshd" -f "$dir/sshd-$port.conf" -E "$dir/sshd-$port.log"; done
  ' sh "$LAB/ssh" "$(command -v sshd)" "${missing[@]}" </dev/null 9>&- || die "sshd does not start: see $LAB/ssh/sshd-*.log"
  for port in "${missing[@]}"; do
    until_true 10 owned "$LAB/ssh/sshd-$port.pid" >/dev/null || die "sshd does not listen on $port: see $LAB/ssh/sshd-$port.log"
  done
}

stop_sshd() {
  local port pid
  for port in "${PORTS[@]}"; do
    # shellcheck disable=SC2046 # pids are words
    if pid=$(owned "$LAB/ssh/sshd-$port.pid"); then end $(family "$pid"); fi
  done
  # Sessions whose listener was killed have no pid file; the namespace they sit in is ours.
  for pid in $(ip netns pids "$(netns ssh)" 2>/dev/null); do
    # shellcheck disable=SC2046
    case $(readlink "/proc/$pid/exe" 2>/dev/null) in */sshd | */sshd-session) end $(family "$pid") ;; esac
  done
}
