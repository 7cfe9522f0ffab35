# shellcheck shell=bash
# The lab's image and what runs of it on every host. A part of tests/lab/lab, which lists the containers; not to be run by itself.

image() {
  local root=$LAB/image/root applet busybox; busybox=$(command -v busybox)
  [ ! -e "$LAB/image/busybox.tar" ] || return 0
  rm -rf "$root"; mkdir -p "$root/bin" "$root/etc" "$root/tmp" "$root/www"
  cp "$busybox" "$root/bin/busybox"
  for applet in $("$busybox" --list); do [ "$applet" = busybox ] || ln -sf busybox "$root/bin/$applet"; done
  echo 'a page of the lab' >"$root/www/index.html"
  tar -C "$root" -cf "$LAB/image/new.tar" .
  mv "$LAB/image/new.tar" "$LAB/image/busybox.tar"
}

# want HOST NAME STATE ARG…: that container, in that state; made anew where it is not. STATE is the engine's word, with
# the code where it matters: running, exited(0), paused, created, restarting.
want() {
  local host=$1 name=$2 wanted=$3 verb have; shift 3
  have=$(awk -v n="$name" '$1 == n { print $2 ($2 == "exited" ? $4 : "") }' "$LAB/$host/have")
  case "$wanted $have" in "$have $wanted" | "restarting running") return 0 ;; esac
  [ -z "$have" ] || engine "$host" rm -f "$name" >/dev/null
  if [ "$wanted" = created ]; then verb=create; else verb='run -d'; fi
  # shellcheck disable=SC2086 # the verb is words
  engine "$host" $verb --name "$name" --label wheelhouse.lab=1 --stop-signal KILL "$@" >/dev/null ||
    die "$host: $name could not be made (the engine's words are above)"
  if [ "$wanted" = paused ]; then engine "$host" pause "$name" >/dev/null; fi
}

containers() {
  local host=$1 few=0 alone=(--network none) stay=(--restart unless-stopped)
  local bytes=(--log-driver local --log-opt max-size=10m --log-opt max-file=2) # the default driver mends invalid UTF-8
  [ "$(number "$host")" -le 4 ] || few=1
  engine "$host" image inspect $IMAGE >/dev/null 2>&1 || engine "$host" import "$LAB/image/busybox.tar" $IMAGE >/dev/null
  engine "$host" ps -a --format '{{.Names}} {{.State}} {{.Status}}' >"$LAB/$host/have"

  if [ $few = 0 ]; then # the slowest to reach their state come first
    want "$host" lab-unhealthy running "${alone[@]}" "${stay[@]}" --health-cmd 'echo "the check says no"; exit 1' \
      --health-interval 8s --health-retries 1 $IMAGE sleep 100000000
    want "$host" lab-healthy running "${alone[@]}" "${stay[@]}" --health-cmd true --health-interval 8s $IMAGE sleep 100000000
    want "$host" lab-restarting restarting "${alone[@]}" --restart always $IMAGE sh -c 'echo "I give up"; exit 3'
  fi
  want "$host" lab-up running "${alone[@]}" "${stay[@]}" $IMAGE sleep 100000000
  want "$host" lab-exit137 'exited(137)' "${alone[@]}" $IMAGE sh -c 'echo "out of luck"; exit 137'
  want "$host" shop-web-1 running "${alone[@]}" "${stay[@]}" --label com.docker.compose.project=shop \
    --label com.docker.compose.service=web --label com.docker.compose.container-number=1 $IMAGE sleep 100000000
  want "$host" shop-worker-1 running "${alone[@]}" "${stay[@]}" --label com.docker.compose.project=shop \
    --label com.docker.compose.service=worker --label com.docker.compose.container-number=1 $IMAGE sleep 100000000
  # shellcheck disable=SC2016 # for the container's shell, here and below
  want "$host" lab-logger running "${alone[@]}" "${stay[@]}" $IMAGE sh -c 'n=0; while :; do n=$((n + 1))
    if [ $((n % 10)) = 0 ]; then echo "line $n" >&2; else echo "line $n"; fi; usleep 200000; done'
  [ $few = 0 ] || return 0

  want "$host" lab-exit0 'exited(0)' "${alone[@]}" $IMAGE echo 'all done'
  want "$host" lab-created created "${alone[@]}" $IMAGE sleep 100000000
  want "$host" lab-paused paused "${alone[@]}" $IMAGE sleep 100000000
  want "$host" lab-app running "${alone[@]}" "${stay[@]}" --label wheelhouse.app=billing $IMAGE sleep 100000000
  want "$host" lab-published running "${stay[@]}" -p 8080:80 $IMAGE httpd -f -p 80 -h /www
  # shellcheck disable=SC2016
  want "$host" lab-tty running "${alone[@]}" "${stay[@]}" -t $IMAGE sh -c 'n=0; while :; do n=$((n + 1))
    echo "tty line $n"; usleep 500000; done'
  # shellcheck disable=SC2016
  want "$host" lab-tty-binary running "${alone[@]}" "${stay[@]}" "${bytes[@]}" -t $IMAGE sh -c 'n=0; while :; do n=$((n + 1))
    printf "\001\000\000\000\377\377\377\377 binary line %d\n" $n; sleep 1; done'
  want "$host" lab-secrets running "${alone[@]}" "${stay[@]}" -e "DB_PASSWORD=${SECRETS[0]}" -e "API_TOKEN=${SECRETS[1]}" \
    -e PLAIN=visible --label "billing.api-key=${SECRETS[2]}" $IMAGE sh -c 'exec sleep 100000000' app "--password=${SECRETS[3]}"
  want "$host" lab-hostile running "${alone[@]}" "${stay[@]}" "${bytes[@]}" $IMAGE sh -c 'while :; do
    printf "\033]0;PWN\007 sets the title\n"; printf "\033]52;c;UFdO\007 PWN writes the clipboard\n"
    printf "\033[2J\033[5;5HPWN clears and jumps\n"; printf "\033[?1049l\033[?1003hPWN leaves the screen, asks for the mouse\n"
    printf "\033]8;;file:///PWN\033\\link\033]8;;\033\\\n"; printf "\033P+q504e\033\\PWN asks for capabilities\n"
    printf "\033c\033[6nPWN resets, asks for the cursor\n"; printf "over\rwritten\b\b\a PWN\n"
    printf "\302\2332J PWN as C1\n"; printf "\033[31;1mPWN in red\033[0m, then plain\n"
    printf "tab\tPWN \377\376 is not UTF-8\n"; printf "\342\200\256PWN bidi\342\200\254 \342\200\213zero width\n"; sleep 1; done'
}

# The states that take a while.
settled() {
  local have; have=$(engine "$1" ps -a --filter label=wheelhouse.lab=1 --format '{{.Names}} {{.State}} {{.Status}}')
  [[ $have == *'(unhealthy)'* && $have == *'(healthy)'* && $have == *'lab-restarting restarting'* ]]
}
settle() {
  [ "$(number "$1")" -le 4 ] || return 0
  until_true 40 settled "$1" || die "$1: no container is healthy, unhealthy and restarting yet: lab docker $1 ps -a"
}
