# What rest.sh and startup.sh share: which JDK, how a server is started and asked. Sourced, not run.
# Wants: $work, a folder of the run.

war=servlet/target/kms4j.war
bench=benchmarks/target/benchmarks.jar
json='Content-Type: application/json'

need() { # program, how to get it
  command -v "$1" >/dev/null || { echo "$1 is not installed: $2" >&2; exit 1; }
}
built() {
  for file in "$war" "$bench"; do
    [ -f "$file" ] || { echo "there is no $file: run mvn -B -ntp -DskipTests package" >&2; exit 1; }
  done
}

# JAVA_HOME, else the installed JDK of this feature release: the default one, or one beside it.
jdk() {
  local javac candidate
  javac=$(readlink -f "$(command -v javac)")
  for candidate in ${JAVA_HOME:+"$JAVA_HOME"} "${javac%/bin/javac}" "$(dirname "${javac%/bin/javac}")"/*; do
    if [ -f "$candidate/release" ] && { [ "$candidate" = "${JAVA_HOME:-}" ] ||
      grep -q "^JAVA_VERSION=\"$1[.\"]" "$candidate/release"; }; then
      echo "$candidate"
      return
    fi
  done
  echo "no JDK $1 is installed" >&2
  exit 1
}

declare -A pid url token key
start() { # name, command...: runs it until the script ends; sets pid and url
  local name=$1
  shift
  : >"$work/$name.out"
  "$@" >>"$work/$name.out" 2>"$work/$name.err" &
  pid[$name]=$!
  for _ in $(seq 600); do
    grep -q '^listening on ' "$work/$name.out" && break
    kill -0 "${pid[$name]}" 2>/dev/null || { cat "$work/$name.err" >&2; exit 1; }
    sleep 0.1
  done
  url[$name]=$(sed -n 's/^listening on //p' "$work/$name.out")
}
stop() { # name
  kill "${pid[$1]}"
  wait "${pid[$1]}" 2>/dev/null || true
}

field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"; }
logged_in() { # name, home: sets the token of its admin
  token[$1]=$(curl -fsS -H "$json" \
    -d "{\"clientId\":\"$(field clientId <"$2/bootstrap.json")\",\"clientSecret\":\"$(field clientSecret <"$2/bootstrap.json")\"}" \
    "${url[$1]}/api/v1/auth/universal-auth/login" | field accessToken)
}
with_key() { # name, home: makes a key
  key[$1]=$(curl -fsS -H "Authorization: Bearer ${token[$1]}" -H "$json" \
    -d "{\"projectId\":\"$(field projectId <"$2/bootstrap.json")\",\"name\":\"bench\"}" "${url[$1]}/api/v1/kms/keys" | field id)
}
call() { # name, route, file of the body
  curl -fsS -H "Authorization: Bearer ${token[$1]}" -H "$json" --data-binary "@$3" "${url[$1]}/api/v1/kms/keys/${key[$1]}/$2"
}

setting() { # of the machine, as a line of Markdown
  echo "$("$java" -version 2>&1 | sed -n 2p | sed 's/ (.*//'); $(nproc) CPUs ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)), $(awk '/MemTotal/ {printf "%.0f GiB", $2 / 1048576}' /proc/meminfo), $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release); commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown)$(git diff --quiet HEAD 2>/dev/null || echo ' and changes'), $(date -u +%Y-%m-%d)"
}
