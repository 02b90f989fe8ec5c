#!/usr/bin/env bash
# The benchmarks behind the table of targets, on every JDK side by side, then the report.
#   benchmarks/run.sh [quick|full] [FOLDER]
# quick takes about four minutes on two JDKs, full about twenty-five; FOLDER is benchmarks/target/results by default.
# JAVA_HOME, where it is set, names the one JDK to measure; else the installed JDKs 17 and 25 are.
# Build first (mvn -B -ntp -DskipTests package), and leave the machine alone while it runs.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-quick}
results=${2:-benchmarks/target/results}
jar=benchmarks/target/benchmarks.jar
[ -f "$jar" ] || { echo "there is no $jar: build first" >&2; exit 1; }

# The home of an installed JDK of this feature release: the default one, or one beside it.
jdk() {
  local javac candidate
  javac=$(readlink -f "$(command -v javac)")
  for candidate in "${javac%/bin/javac}" "$(dirname "${javac%/bin/javac}")"/*; do
    if [ -f "$candidate/release" ] && grep -q "^JAVA_VERSION=\"$1[.\"]" "$candidate/release"; then
      echo "$candidate"
      return
    fi
  done
  echo "no JDK $1 is installed: left out" >&2
}
if [ -n "${JAVA_HOME:-}" ]; then
  jdks=("$JAVA_HOME")
else
  mapfile -t jdks < <(jdk 17; jdk 25)
fi
[ "${#jdks[@]}" -gt 0 ] || { echo "no JDK to measure" >&2; exit 1; }

mkdir -p "$results"
rm -f "$results"/[0-9]*.json
{
  echo "commit = $(git rev-parse --short HEAD 2>/dev/null || echo unknown)$(git diff --quiet HEAD 2>/dev/null || echo ' and changes')"
  echo "date = $(date -u +%Y-%m-%d)"
  echo "machine = $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) CPUs, $(awk '/MemTotal/ {printf "%.0f GiB", $2 / 1048576}' /proc/meminfo)"
  echo "system = $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)"
  echo "run = benchmarks/run.sh $mode"
} >"$results/run.properties"

# One group of cells on each JDK in turn, so that what disturbs the machine disturbs both.
number=100
measure() {
  local home
  for home in "${jdks[@]}"; do
    number=$((number + 1))
    echo "== $(basename "$home"): $*"
    "$home/bin/java" -jar "$jar" "$@" -foe true -rf json -rff "$results/$number.json" \
      >"$results/$number.log" 2>&1 || { tail -n 20 "$results/$number.log" >&2; exit 1; }
  done
}
# Peers of one size beside one another, and the anchor once more at the end: the two are merged into one cell.
peers() { # size peers options...
  local size=$1 names=$2
  shift 2
  measure "$@" -prof gc -p size="$size" -p peer="$names"
  measure "$@" -prof gc -p size="$size" -p peer=SUNJCE_RAW
}

started=$SECONDS
case $mode in
quick)
  times=(-wi 5 -w 700ms -i 3 -r 400ms)
  measure CipherBenchmark.encrypt "${times[@]}" -prof gc -p size=256 \
    -p peer=SUNJCE_RAW,KMS_AES_REUSED,SUNJCE_SHARED_RANDOM,SUNJCE_EACH,KMS_AES_EACH,TINK_AES,TINK_XAES,KMS_XAES_REUSED,ESDK_CACHING
  measure CipherBenchmark.encrypt "${times[@]}" -prof gc -p size=16 -p peer=SUNJCE_RAW,KMS_AES_REUSED
  measure CipherBenchmark.encrypt "${times[@]}" -p size=16 -p peer=KMS_AES_REUSED -t 2
  measure ColdStartBenchmark.seal -f 1 -p pause=2000 -p peer=SUNJCE_RAW,KMS_AES_REUSED
  ;;
full)
  times=(-wi 6 -w 1s -i 4 -r 500ms)
  main=SUNJCE_RAW,KMS_AES_REUSED,TINK_AES
  targets=$main,SUNJCE_SHARED_RANDOM,SUNJCE_EACH,KMS_AES_EACH,KMS_XAES_REUSED,TINK_XAES,ESDK_CACHING,ESDK_KEYRING
  others=KMS_AES_INTO,SUNJCE_RAW_INTO,SUNJCE_COUNTER,ACCP_REUSED,CONSCRYPT_REUSED,BOUNCY_CASTLE_REUSED,BOUNCY_CASTLE_LIGHTWEIGHT
  measure CipherBenchmark.encrypt "${times[@]}" -prof gc -p size=16,1024,4096 -p peer="$main"
  peers 256 "$targets" CipherBenchmark.encrypt "${times[@]}"
  peers 256 "$targets" CipherBenchmark.decrypt "${times[@]}"
  measure CipherBenchmark.encrypt -wi 4 -w 1s -i 4 -r 500ms -prof gc -p size=256 -p peer="$others"
  measure CipherBenchmark.decrypt "${times[@]}" -prof gc -p size=16,1024,4096 -p peer="$main"
  measure CipherBenchmark "${times[@]}" -p size=16 -p peer=KMS_AES_REUSED -t 2
  measure CipherBenchmark.encrypt "${times[@]}" -p size=16 -p peer=SUNJCE_SHARED_RANDOM -t 2
  measure 'KeyringBenchmark.(seal|open)' "${times[@]}" -p keys=1,1000
  measure 'KeyringBenchmark.(miss|create|rotate)' -wi 3 -w 700ms -i 3 -r 500ms
  measure ColdStartBenchmark -f 2 -p pause=0,2000 -p peer=SUNJCE_RAW,KMS_AES_REUSED
  # The JDK wants twenty seconds of large messages before it compiles them (README, "How to read it").
  measure CipherBenchmark -wi 4 -w 5s -i 4 -r 500ms -prof gc -p size=1048576 -p peer=SUNJCE_RAW,KMS_AES_REUSED
  ;;
*)
  echo "usage: benchmarks/run.sh [quick|full] [FOLDER]" >&2
  exit 2
  ;;
esac

"${jdks[0]}/bin/java" -cp "$jar" org.kms4j.benchmarks.Report "$results"/[0-9]*.json
echo "$((SECONDS - started)) s; page and charts: $results/report.md"
