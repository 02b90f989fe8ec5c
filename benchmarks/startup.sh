#!/usr/bin/env bash
# From the start of a JVM to the first encrypted 200, home and key being there: kms4j, and beside it what a bare
# embedded Tomcat needs that only echoes, and one that encrypts with Jackson and the JDK alone; in turns.
#   benchmarks/startup.sh [runs]      11 by default; about 2 minutes on one JDK
# JAVA_HOME names the JDK; else the installed JDKs 17 and 25 are measured.
# Build first: mvn -B -ntp -DskipTests package
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-11}
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
source benchmarks/servers.sh
built

echo '{"plaintext":"aGVsbG8="}' >"$work/body"
prepare() { # a home with a key, and the port that all will use
  start kms4j "$java" -jar "$war" --home "$work/home" --port 0
  logged_in kms4j "$work/home"
  with_key kms4j "$work/home"
  port=${url[kms4j]##*:}
  stop kms4j
  "$java" -jar "$war" unpack "$work/unpacked"
}
# Milliseconds from exec to the first byte of a 200, asked for every 5 ms by the shell itself.
first_200() { # command...
  local began=${EPOCHREALTIME/./} status="" server length
  "$@" >>"$work/log" 2>&1 &
  server=$!
  length=$(wc -c <"$work/body")
  until [[ $status == "HTTP/1.1 200"* ]]; do
    if { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; then
      { printf 'POST /api/v1/kms/keys/%s/encrypt HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n%s\r\nContent-Length: %s\r\n\r\n' \
        "${key[kms4j]}" "${token[kms4j]}" "$json" "$length"; cat "$work/body"; } >&3 2>/dev/null || true
      IFS= read -r -t 20 status <&3 || true
      exec 3<&-
    else
      kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
      read -r -t 0.005 <><(:) || true
    fi
  done
  echo $(((${EPOCHREALTIME/./} - began) / 1000))
  kill "$server"
  wait "$server" 2>/dev/null || true
}
# One start with a hundred requests, whose classes the archive then holds.
train() { # name, flags...
  local name=$1
  shift
  start "$name" "$java" "$@" --port "$port"
  token[$name]=${token[kms4j]}
  key[$name]=${key[kms4j]}
  for _ in $(seq 20); do
    call "$name" encrypt "$work/body" >"$work/sealed"
    call "$name" decrypt "$work/sealed" >/dev/null
  done
  stop "$name"
}

declare -A command
variants() { # of this JDK: name by name in ${order[@]}
  local app=(-jar "$work/unpacked/kms4j.jar" --home "$work/home") archive
  local small="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
  order=(echo bare war unpacked archive "archive, C1")
  command[echo]="$java -cp $bench org.kms4j.benchmarks.EchoServer $port"
  command[bare]="$java -cp $bench org.kms4j.benchmarks.PlainServer $port ${key[kms4j]}"
  command[war]="$java -jar $war --home $work/home --port $port"
  command[unpacked]="$java ${app[*]} --port $port"
  if "$java" -XX:AOTCache=none -version >/dev/null 2>&1 || "$java" -XX:+PrintFlagsFinal -version 2>/dev/null | grep -q AOTCacheOutput; then
    train training -XX:AOTCacheOutput="$work/kms4j.aot" "${app[@]}" >/dev/null
    archive="-XX:AOTCache=$work/kms4j.aot"
  else
    train training -XX:ArchiveClassesAtExit="$work/kms4j.jsa" "${app[@]}" >/dev/null
    archive="-XX:SharedArchiveFile=$work/kms4j.jsa"
  fi
  command[archive]="$java $archive ${app[*]} --port $port"
  if [[ $archive == *.aot ]]; then
    train training-c1 $small -XX:AOTCacheOutput="$work/kms4j-c1.aot" "${app[@]}" >/dev/null
    archive="-XX:AOTCache=$work/kms4j-c1.aot"
  else
    train training-c1 $small -XX:ArchiveClassesAtExit="$work/kms4j-c1.jsa" "${app[@]}" >/dev/null
    archive="-XX:SharedArchiveFile=$work/kms4j-c1.jsa"
  fi
  command["archive, C1"]="$java $small $archive ${app[*]} --port $port"
}

for home in ${JAVA_HOME:+"$JAVA_HOME"} $([ -n "${JAVA_HOME:-}" ] || { jdk 17; jdk 25; }); do
  java=$home/bin/java
  rm -rf "$work/home" "$work/unpacked" "$work"/kms4j*.{aot,jsa}
  prepare
  variants
  : >"$work/times"
  for run in $(seq "$runs"); do
    for name in "${order[@]}"; do
      # The words of a command have no spaces in them.
      printf '%s\t%s\n' "$name" "$(first_200 ${command[$name]})" >>"$work/times"
    done
  done
  echo "\`benchmarks/startup.sh $runs\`; $(setting)"
  echo
  echo "| first encrypted 200 | median ms | least to most | ÷ bare | ÷ war |"
  echo "|---|---:|---:|---:|---:|"
  sort -t'	' -k1,1 -k2,2n "$work/times" | awk -F '\t' -v names="$(IFS='|'; echo "${order[*]}")" '
    { n[$1]++; time[$1, n[$1]] = $2 }
    function middle(name) { return (time[name, int((n[name] + 1) / 2)] + time[name, int(n[name] / 2) + 1]) / 2 }
    END {
      many = split(names, order, "|")
      for (i = 1; i <= many; i++)
        printf "| %s | %d | %d–%d | %.2f | %.2f |\n", order[i], middle(order[i]), time[order[i], 1], time[order[i], n[order[i]]],
          middle(order[i]) / middle("bare"), middle(order[i]) / middle("war")
    }'
  echo
done
