# Which peers tests talk to, and what else they run, and where that is kept; sourced, never run.
# shellcheck shell=bash

# One folder per peer and version, outside the repository: a `git clean` keeps what took minutes to
# build, and every work tree shares it.
readonly PEERS="${PLATEN_PEERS:-$HOME/.cache/platen/peers}"

readonly DYNOXIDE=3.2.0   # DynamoDB
readonly MINISTACK=1.5.33 # SQS, Systems Manager, Secrets Manager
readonly S3S_FS=0.14.1    # S3, signatures enforced
readonly MOTO=5.2.5       # all of them, a second opinion

readonly SCHEMATHESIS=4.32.5 # makes up requests from an OpenAPI document

# program PEER: what to run.
program() {
  case $1 in
    dynoxide) printf '%s\n' "$PEERS/dynoxide-rs-$DYNOXIDE/bin/dynoxide" ;;
    ministack) printf '%s\n' "$PEERS/ministack-$MINISTACK/bin/ministack" ;;
    s3s-fs) printf '%s\n' "$PEERS/s3s-fs-$S3S_FS/bin/s3s-fs" ;;
    moto) printf '%s\n' "$PEERS/moto-$MOTO/bin/moto_server" ;;
    schemathesis) printf '%s\n' "$PEERS/schemathesis-$SCHEMATHESIS/bin/schemathesis" ;;
    postgresql) database postgres ;;
    mariadb) database mariadbd ;;
    *) fail "no peer is called '$1'" "one of: dynoxide ministack s3s-fs moto schemathesis postgresql mariadb" ;;
  esac
}

# database SERVER: where the system keeps it, which is seldom in the PATH. Nothing when it is not there.
database() {
  local path
  path=$(printf '%s\n' /usr/lib/postgresql/*/bin/"$1" | sort -V | tail -n 1)
  [[ -x $path ]] || path=$(PATH=$PATH:/usr/sbin:/usr/libexec command -v "$1") || return 0
  printf '%s\n' "$path"
}
