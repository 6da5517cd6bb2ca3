# Shared by the scripts of this folder; sourced, not run.
# shellcheck shell=bash disable=SC2034,SC2154

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What is expensive to install is kept here, outside the checkout.
cache=${S3AADS_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/s3aads-ci}

note() { printf '%s\n' "$*" >&2; }

# ensure_command COMMAND PACKAGE: installs Debian's PACKAGE where COMMAND is missing.
ensure_command() {
    command -v "$1" >/dev/null && return
    apt_install "$2"
}

apt_install() {
    local become=()
    [ "$(id -u)" = 0 ] || become=(sudo)
    note "installing $*"
    command -v apt-get >/dev/null || { note "please install $* and run this again"; return 1; }
    "${become[@]}" apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive "${become[@]}" apt-get install -y -qq --no-install-recommends "$@" >&2
}

# free_ports N: N different free ports of the loopback interface.
free_ports() {
    python3 - "$1" <<'PY'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in held))
PY
}

# answers URL: whether a server there answers at all; a refusal (403) is an answer.
answers() {
    python3 - "$1" <<'PY'
import sys, urllib.error, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=5)
except urllib.error.HTTPError:
    pass
except OSError:
    sys.exit(1)
PY
}

# await_server PID URL LOG: waits until URL answers; fails when process PID ends or a minute passes.
await_server() {
    local deadline=$((SECONDS + 60))
    until answers "$2"; do
        if ! kill -0 "$1" 2>/dev/null; then
            note "the server ended before it answered; its log:"
        elif [ "$SECONDS" -ge "$deadline" ]; then
            note "the server did not answer within a minute; its log:"
        else
            sleep 0.2
            continue
        fi
        tail -n 40 "$3" >&2
        return 1
    done
    # The port could have been taken by another process between being chosen and being bound.
    kill -0 "$1" 2>/dev/null
}

# stop_server PID: ends that process, which this script started, and waits until it is gone.
stop_server() {
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# run_or_serve COMMAND...: runs it against the server whose variables are exported; without one, serves until interrupted.
run_or_serve() {
    if [ $# -gt 0 ]; then
        "$@"
        return
    fi
    env | grep -E '^(S3AADS_TEST_|AZUR(E|ITE)_|AWS_(ENDPOINT_URL|REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY)=)' | sort | sed 's/^/export /'
    note "serving until interrupted"
    wait "$server"
}

# export_server NAME ENDPOINT REGION KEY SECRET: the variables that tests, examples and boto3 read.
export_server() {
    export S3AADS_TEST_SERVER=$1
    export S3AADS_TEST_ENDPOINT=$2 AWS_ENDPOINT_URL=$2
    export S3AADS_TEST_REGION=$3 AWS_REGION=$3 AWS_DEFAULT_REGION=$3
    export S3AADS_TEST_ACCESS_KEY_ID=$4 AWS_ACCESS_KEY_ID=$4
    export S3AADS_TEST_SECRET_ACCESS_KEY=$5 AWS_SECRET_ACCESS_KEY=$5
    # A developer's own session or profile must not sign requests to the test server.
    unset AWS_SESSION_TOKEN AWS_PROFILE
}
