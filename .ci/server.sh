# Servers for the phases that ask one; sourced. What a script started is stopped when it ends.
server=
trap stop_server EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_server PORT LOG COMMAND...: in the background; returns as soon as it listens.
start_server() {
  local port=$1 log=$2
  shift 2
  "$@" >"$log" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  echo "The server did not start: $*"
  cat "$log"
  return 1
}

# start_poolform PORT ARGUMENT...: the local Cognito as it was built.
start_poolform() {
  local port=$1
  shift
  start_server "$port" "$work/poolform-server.log" "$target/debug/poolform" serve -in-memory -port "$port" "$@"
}

# Keeps what the script ended with.
stop_server() {
  [ -n "$server" ] || return 0
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
