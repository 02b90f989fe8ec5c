#!/usr/bin/env bash
# Encrypt and decrypt over HTTP, beside a servlet that only echoes on the same embedded Tomcat and beside a plain
# Fastify server that does the same work; all in one run, in turns, driven by wrk on the same CPUs.
#   benchmarks/rest.sh [rates]     requests per second, CPU per request, p99, and which bars are met; about 6 minutes
#   benchmarks/rest.sh settings    encrypt with kms.http.strict, and on virtual threads
#   benchmarks/rest.sh memory      resident memory after a minute of load at -Xmx64m, with G1 and with Serial
#   benchmarks/rest.sh large       1 MiB, one connection: how long a request takes
# Times in seconds may be set: ROUND (7), ROUNDS (3), WARM (15, the first of each server; later ones a third);
# so may CONNECTIONS (64) and SIZES ("8 4096").
# Build first: mvn -B -ntp -DskipTests package; (cd benchmarks/fastify && npm install)
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-rates}
round=${ROUND:-7}
rounds=${ROUNDS:-3}
warm=${WARM:-15}
connections=${CONNECTIONS:-64}
sizes=${SIZES:-8 4096}
threads=2
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
source benchmarks/servers.sh

need wrk "apt-get install wrk"
built
java=$(jdk 25)/bin/java
heap=(-Xms512m -Xmx512m)
cells=$work/cells

start_echo() {
  start echo "$java" "${heap[@]}" -cp "$bench" org.kms4j.benchmarks.EchoServer 0
  token[echo]=${token[kms4j]}
  key[echo]=${key[kms4j]}
}
start_kms4j() { # name, options of the JVM...
  local name=$1
  shift
  start "$name" "$java" "${heap[@]}" "$@" -jar "$war" --home "$work/$name" --port 0
  logged_in "$name" "$work/$name"
  with_key "$name" "$work/$name"
}
start_fastify() {
  need node "apt-get install nodejs"
  [ -d benchmarks/fastify/node_modules/fastify ] ||
    { echo "Fastify is not installed: (cd benchmarks/fastify && npm install)" >&2; exit 1; }
  key[fastify]=${key[kms4j]}
  start fastify node benchmarks/fastify/server.mjs 0 "${key[fastify]}"
  token[fastify]=$(sed -n 's/^token //p' "$work/fastify.out")
}

# What each server is sent. A ciphertext is its own, and what it stands for must come back; the echo gets that of kms4j.
bodies() { # size, name...
  local size=$1 name maker plaintext
  shift
  plaintext=$(head -c "$size" /dev/urandom | base64 -w 0)
  for name in "$@"; do
    echo -n "{\"plaintext\":\"$plaintext\"}" >"$work/$name.encrypt.$size"
    maker=$([ "$name" = echo ] && echo kms4j || echo "$name")
    call "$maker" encrypt "$work/$name.encrypt.$size" >"$work/$name.decrypt.$size"
    call "$maker" decrypt "$work/$name.decrypt.$size" | cmp - "$work/$name.encrypt.$size" ||
      { echo "$name does not decrypt what it has encrypted" >&2; exit 1; }
  done
}

ticks() { # of CPU that a server has used, user and system; its name in brackets has no space here
  awk '{print $14 + $15}' "/proc/${pid[$1]}/stat"
}
resident() { # MiB
  awk '/VmRSS/ {printf "%d", $2 / 1024}' "/proc/${pid[$1]}/status"
}
load() { # name, route, size, seconds: a line of what wrk saw
  wrk -t"$threads" -c"$connections" -d"$4"s --latency -s benchmarks/load.lua \
    "${url[$1]}/api/v1/kms/keys/${key[$1]}/$2" -- "$work/$1.$2.$3" "${token[$1]}" | grep '^result'
}
# A cell: size, route, server, round, requests/s, CPU µs per request, p50 and p99 in ms.
cell() { # name, route, size, round
  local before after
  before=$(ticks "$1")
  load "$1" "$2" "$3" "$round" >"$work/result"
  after=$(ticks "$1")
  awk -v OFS='\t' -v key="$3	$2	$1	$4" -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" '
    $6 + $7 > 0 { print key ": " $6 " answers were not 2xx, " $7 " connections broke" > "/dev/stderr"; exit 1 }
    { print key, $2 / $3, ticks / hertz * 1e6 / $2, $4, $5 }' "$work/result" | tee -a "$cells" >&2
}
measure() { # routes, name...
  local routes=$1 size route name number first=$warm
  shift
  for size in $sizes; do
    bodies "$size" "$@"
    for route in $routes; do
      # Until the JIT is done: a server that is not warm is several times slower.
      for name in "$@"; do load "$name" "$route" "$size" "$first" >/dev/null; done
      first=$(((warm + 2) / 3))
      for number in $(seq "$rounds"); do
        for name in "$@"; do cell "$name" "$route" "$size" "$number"; done
      done
    done
  done
}

# Ratios are taken round by round, since the machine's own speed drifts; what is shown is the median of the rounds.
table='
  function median(of, many,    i, j, t) {
    for (i = 2; i <= many; i++) for (j = i; j > 1 && of[j] < of[j - 1]; j--) { t = of[j]; of[j] = of[j - 1]; of[j - 1] = t }
    return many % 2 ? of[(many + 1) / 2] : (of[many / 2] + of[many / 2 + 1]) / 2
  }
  function middle(cell, column,    r, of) { for (r = 1; r <= rounds; r++) of[r] = value[cell, r, column]; return median(of, rounds) }
  function ratio(cell, other, column,    r, of) { for (r = 1; r <= rounds; r++) of[r] = value[cell, r, column] / value[other, r, column]; return median(of, rounds) }
  function name(bytes) { return bytes < 1024 ? bytes " B" : bytes / 1024 " KiB" }
  {
    cell = $1 SUBSEP $2 SUBSEP $3
    if (!(cell in seen)) { seen[cell] = 1; order[++cells] = cell }
    for (column = 5; column <= 8; column++) value[cell, $4, column] = $column
    if ($4 > rounds) rounds = $4
  }'
rates_table() {
  awk -F '\t' "$table"'
    function verdict(value, bar, stretch, more) {
      if (more ? value >= stretch : value <= stretch) return "✓✓"
      return (more ? value >= bar : value <= bar) ? "✓" : "✗"
    }
    END {
      print "| | server | requests/s | ÷ echo | ÷ Fastify | CPU µs/request | ÷ Fastify | p50 ms | p99 ms | p99 − echo’s |"
      print "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"
      for (i = 1; i <= cells; i++) {
        split(order[i], part, SUBSEP)
        echo = part[1] SUBSEP part[2] SUBSEP "echo"; fastify = part[1] SUBSEP part[2] SUBSEP "fastify"
        printf "| %s, %s | %s | %d | %.2f | %.2f | %.1f | %.2f | %.2f | %.2f | %.2f |\n", part[2], name(part[1]), part[3],
          middle(order[i], 5), ratio(order[i], echo, 5), ratio(order[i], fastify, 5), middle(order[i], 6), ratio(order[i], fastify, 6),
          middle(order[i], 7), middle(order[i], 8), middle(order[i], 8) - middle(echo, 8)
      }
      print ""
      print "| bar | wanted (stretch) | encrypt, 8 B | decrypt, 8 B | encrypt, 4 KiB | decrypt, 4 KiB |"
      print "|---|---|---:|---:|---:|---:|"
      small = 8; large = 4096
      want["echo", small] = 0.70; far["echo", small] = 0.80; want["echo", large] = 0.58; far["echo", large] = 0.66
      want["fastify", small] = 5.2; far["fastify", small] = 6.5; want["fastify", large] = 5.5; far["fastify", large] = 7
      want["cpu", small] = 0.25; far["cpu", small] = 0.20; want["cpu", large] = 0.28; far["cpu", large] = 0.21
      rows = split("echo fastify cpu p99", row, " ")
      label["echo"] = "requests/s over the echo’s | ≥ 0.70 / 0.58 (0.80 / 0.66)"
      label["fastify"] = "requests/s over Fastify’s | ≥ 5.2 / 5.5 (6.5 / 7)"
      label["cpu"] = "CPU per request over Fastify’s | ≤ 0.25 / 0.28 (0.20 / 0.21)"
      label["p99"] = "p99 − the echo’s, ms | < 5"
      for (r = 1; r <= rows; r++) {
        line = "| " label[row[r]] " |"
        for (s = 0; s < 2; s++) for (d = 0; d < 2; d++) {
          size = s ? large : small; route = d ? "decrypt" : "encrypt"
          us = size SUBSEP route SUBSEP "kms4j"; echo = size SUBSEP route SUBSEP "echo"; fastify = size SUBSEP route SUBSEP "fastify"
          if (!(us in seen)) { line = line " – |"; continue }
          if (row[r] == "p99") { v = middle(us, 8) - middle(echo, 8); mark = v < 5 ? "✓" : "✗" }
          else {
            v = row[r] == "echo" ? ratio(us, echo, 5) : ratio(us, fastify, row[r] == "cpu" ? 6 : 5)
            mark = verdict(v, want[row[r], size], far[row[r], size], row[r] != "cpu")
          }
          line = line sprintf(" %.2f %s |", v, mark)
        }
        print line
      }
    }' "$cells"
}
plain_table() { # the server that the others are held against
  awk -F '\t' -v base="$1" "$table"'
    END {
      print "| | server | requests/s | ÷ " base " | CPU µs/request | p50 ms | p99 ms |"
      print "|---|---|---:|---:|---:|---:|---:|"
      for (i = 1; i <= cells; i++) {
        split(order[i], part, SUBSEP)
        printf "| %s, %s | %s | %d | %.2f | %.1f | %.2f | %.2f |\n", part[2], name(part[1]), part[3], middle(order[i], 5),
          ratio(order[i], part[1] SUBSEP part[2] SUBSEP base, 5), middle(order[i], 6), middle(order[i], 7), middle(order[i], 8)
      }
    }' "$cells"
}

case $mode in
rates)
  start_kms4j kms4j
  start_echo
  start_fastify
  measure "encrypt decrypt" echo kms4j fastify
  report=$(rates_table)
  ;;
settings)
  start_kms4j kms4j
  start_kms4j strict -Dkms.http.strict=true
  start_kms4j virtual -Dkms.http.threads=virtual
  measure encrypt kms4j strict virtual
  report=$(plain_table kms4j)
  ;;
memory)
  sizes=4096
  report="| | MiB when ready | MiB after the load (bar: 200) | requests/s | errors |
|---|---:|---:|---:|---:|"
  for flags in "-Xmx64m" "-Xmx64m -XX:+UseSerialGC"; do
    read -ra heap <<<"$flags"
    rm -rf "$work/kms4j"
    start_kms4j kms4j
    bodies 4096 kms4j
    before=$(resident kms4j)
    load kms4j encrypt 4096 "${MINUTE:-60}" >"$work/result"
    report+=$(awk -v before="$before" -v after="$(resident kms4j)" -v flags="$flags" \
      '{ printf "\n| %s, %d s of encrypting 4 KiB | %d | %d | %d | %d |", flags, $3, before, after, $2 / $3, $6 + $7 }' "$work/result")
    stop kms4j
  done
  ;;
large)
  connections=1
  threads=1
  sizes=1048576
  start_kms4j kms4j
  start_echo
  measure encrypt echo kms4j
  report=$(plain_table echo)
  ;;
*)
  echo "usage: benchmarks/rest.sh [rates|settings|memory|large]" >&2
  exit 2
  ;;
esac

echo "\`benchmarks/rest.sh $mode\`, c=$connections, wrk -t$threads on the same CPUs, $rounds rounds of $round s each in turns; $(setting)"
echo
echo "$report"
