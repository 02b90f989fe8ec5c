#!/usr/bin/env bash
# Requests per second of the encrypt route beside a servlet that only echoes, on the same embedded Tomcat, in one run.
# Wants wrk; build first (mvn -B -ntp -DskipTests package). Usage: benchmarks/route.sh [seconds] [connections] [warm-up seconds]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-8}
connections=${2:-64}
warm_up=${3:-20}
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

start() { # name, command...
  local name=$1
  shift
  "$@" >"$work/$name" 2>"$work/$name.err" &
  for _ in $(seq 120); do
    grep -q '^listening on ' "$work/$name" && break
    sleep 0.5
  done
  sed -n 's/^listening on //p' "$work/$name"
}
field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"; }

jvm=(java -Xms512m -Xmx512m)
echo_url=$(start echo "${jvm[@]}" -cp benchmarks/target/benchmarks.jar org.kms4j.benchmarks.EchoServer 0)
kms_url=$(start kms "${jvm[@]}" -jar servlet/target/kms4j.war --home "$work/home" --port 0)
json='Content-Type: application/json'
token=$(curl -s -H "$json" -d "@$work/home/bootstrap.json" "$kms_url/api/v1/auth/universal-auth/login" | field accessToken)
project=$(field projectId <"$work/home/bootstrap.json")
key=$(curl -s -H "Authorization: Bearer $token" -H "$json" -d "{\"projectId\":\"$project\",\"name\":\"bench\"}" \
  "$kms_url/api/v1/kms/keys" | field id)
route=/api/v1/kms/keys/$key/encrypt

load() { # url, plaintext bytes, seconds
  local plaintext
  plaintext=$(head -c "$2" /dev/zero | base64 -w 0)
  cat >"$work/load.lua" <<LUA
wrk.method = "POST"
wrk.body = '{"plaintext":"$plaintext"}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer $token"
LUA
  wrk -t2 -c"$connections" -d"$3"s -s "$work/load.lua" "$1$route"
}

for bytes in 8 4096; do
  # Until the JIT is done: a server that is not warm is several times slower.
  for url in "$echo_url" "$kms_url"; do load "$url" "$bytes" "$warm_up" >/dev/null; done
  for round in 1 2 3; do
    for url in "$echo_url" "$kms_url"; do
      name=$([ "$url" = "$echo_url" ] && echo echo || echo encrypt)
      load "$url" "$bytes" "$seconds" >"$work/result"
      rate=$(sed -n 's/^Requests\/sec: *//p' "$work/result")
      bad=$(sed -n 's/^ *Non-2xx or 3xx responses: *//p' "$work/result")
      echo "$bytes B, round $round, $name: $rate requests/s, ${bad:-0} errors"
    done
  done
done
