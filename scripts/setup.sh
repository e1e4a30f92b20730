#!/usr/bin/env bash
# Installs what is missing for a purpose and says what it does: scripts/setup.sh build|run|test|deploy|images|lint|dev|bench
# Run a second time it only looks, which takes less than a second.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
export PATH="$HOME/.cargo/bin:$PATH"

readonly WASM=wasm32-unknown-unknown
readonly CARGO_DENY=0.20.2
readonly NO_SERVICES=/usr/sbin/policy-rc.d
readonly NO_CLUSTER=/etc/postgresql-common/createcluster.d/platen-tests.conf
readonly FONTS=(fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji fonts-liberation)

wanted=()

# want COMMAND PACKAGE...: other distributions are welcome as long as the command is there.
want() {
  local command=$1
  shift
  have "$command" && return
  have apt-get || fail "'$command' is missing, and there is no apt to install it with" \
    "install what provides '$command' (on Debian: $*), then run this again"
  wanted+=("$@")
}

install_wanted() {
  ((${#wanted[@]} == 0)) || apt_install "${wanted[@]}"
  wanted=()
}

setup_rust() {
  want cc build-essential
  want curl curl ca-certificates
  want git git
  install_wanted
  local channel
  channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
  if ! have rustup; then
    if have cargo && [[ $(cargo --version) == "cargo $channel"* && -d $(wasm_libdir) ]]; then
      return # the right Rust by other means
    fi
    install_rustup
  fi
  if ! rustc --version >/dev/null 2>&1 || [[ ! -d $(wasm_libdir) ]]; then
    say "installing Rust $channel with the $WASM target"
    rustup toolchain install "$channel" --no-self-update --profile minimal \
      --component clippy --component rustfmt --target "$WASM" ||
      fail "rustup could not install Rust $channel" \
        "check the network (static.rust-lang.org, or your mirror in RUSTUP_DIST_SERVER)"
  fi
}

wasm_libdir() {
  rustc --print target-libdir --target "$WASM" 2>/dev/null || true
}

install_rustup() {
  # Not beside a cargo of the distribution's: the packages exclude each other.
  if have apt-get && ! have cargo && apt_offers rustup; then
    apt_install rustup
    return
  fi
  local base installer
  base=https://static.rust-lang.org/rustup/dist/$(uname -m)-unknown-linux-gnu
  installer=$(mktemp -d)/rustup-init
  say "installing rustup from $base into ~/.cargo"
  if ! curl --proto '=https' --tlsv1.2 -fsS --retry 3 -o "$installer" "$base/rustup-init" ||
    ! chmod +x "$installer" ||
    ! "$installer" -y --no-modify-path --profile minimal --default-toolchain none; then
    fail "rustup could not be installed" "install Rust by hand, https://rustup.rs, then run this again"
  fi
  rm -r "$(dirname "$installer")"
}

# The browser that renders. Which one is used is the product's choice; here one just has to exist.
setup_chromium() {
  if [[ -n ${PLATEN_CHROMIUM:-} ]]; then
    [[ -x $PLATEN_CHROMIUM ]] ||
      fail "PLATEN_CHROMIUM is '$PLATEN_CHROMIUM', which is not a program" "unset it, or name a Chromium"
    return
  fi
  have chromium-headless-shell && return
  if have apt-get && apt_offers chromium-headless-shell; then
    apt_install chromium-headless-shell
  elif real_chromium >/dev/null; then
    say "using $(real_chromium); chromium-headless-shell would be faster"
  elif have apt-get && apt_offers chromium; then
    apt_install chromium
  else
    no_chromium
  fi
}

# A Chromium that is not Ubuntu's snap: a snap sees neither our temporary folders nor our pipes.
real_chromium() {
  local name path
  for name in chromium google-chrome-stable google-chrome; do
    path=$(readlink -f "$(command -v "$name" || true)") || continue
    [[ -x $path && $path != /snap/* && $path != */bin/snap ]] || continue
    ! head -c 512 "$path" | grep -aq '/snap/' || continue
    printf '%s\n' "$path"
    return
  done
  return 1
}

no_chromium() {
  fail "this machine has no Chromium that can be used (Ubuntu's is a snap, which cannot be)" \
    "Google Chrome: curl -fLO https://dl.google.com/linux/direct/google-chrome-stable_current_amd64.deb && sudo apt-get install -y ./google-chrome-stable_current_amd64.deb" \
    "or any other Chromium: PLATEN_CHROMIUM=/path/to/chrome make run"
}

setup_fonts() {
  if have apt-get; then
    apt_install "${FONTS[@]}"
  elif ! have fc-list || [[ -z $(fc-list ':lang=zh') ]]; then
    say "no fonts for Chinese, Japanese and Korean found: such text will print as boxes (Noto CJK has them)"
  fi
}

setup_run() {
  setup_rust
  setup_chromium
  setup_fonts
}

setup_test() {
  setup_run
  want pdfinfo poppler-utils
  want qpdf qpdf
  want node nodejs
  want npm npm
  want python3 python3
  # The internet of our own that hostile pages are opened in.
  want ip iproute2
  want unshare util-linux
  install_wanted
  ! have apt-get || apt_install python3-venv
  # Clocks that are wrong.
  want faketime faketime
  install_wanted
  setup_test_browser
  setup_rust_docs
  setup_databases
  # What stands in for AWS: the adapters' contract suites talk to it.
  scripts/peers/install
  # What holds the product against its OpenAPI document.
  scripts/peers/install schemathesis
  setup_delivery
}

# What renders, checks and delivers the deployment.
setup_delivery() {
  setup_rust
  want python3 python3
  want git git
  want jq jq
  want shellcheck shellcheck
  install_wanted
  ! have apt-get || apt_install python3-venv
  setup_nginx
  scripts/tools/install
  # The registry, as far as that is asked.
  scripts/peers/install moto
}

# And a control plane to deploy on, and what runs the tests of what Terraform makes.
setup_deploy() {
  setup_delivery
  if ! have etcd; then
    have apt-get || fail "etcd is missing, and there is no apt to install it with" \
      "install what provides 'etcd' (on Debian: etcd-server), then run this again"
    apt_install_idle etcd etcd-server
  fi
  scripts/tools/install opentofu terraform-providers control-plane kwok
}

# What builds images without a Docker engine and runs them, and what they are put to work with.
setup_images() {
  setup_rust
  have apt-get || fail "images are made of Debian's packages here, and there is no apt" \
    "build them where Docker is: deploy/pipelines/bin/build --help"
  want pdftotext poppler-utils
  want qpdf qpdf
  want python3 python3
  want buildah buildah
  want podman podman
  want runc runc
  want mmdebstrap mmdebstrap
  install_wanted
  apt_install python3-venv debian-archive-keyring
  have docker-registry || apt_install_idle docker-registry docker-registry
  setup_databases
  scripts/peers/install
  scripts/images/bases
}

# The person in the browser tests needs a full Chromium, which also has a window and a network of its own.
setup_test_browser() {
  real_chromium >/dev/null && return
  if have apt-get && apt_offers chromium; then
    apt_install chromium
  else
    no_chromium
  fi
}

# The toolchain's own documentation: real pages, with scripts, fonts and search, without the internet.
setup_rust_docs() {
  [[ -f $(rustc --print sysroot)/share/doc/rust/html/book/index.html ]] && return
  say "installing Rust's documentation, which the tests print"
  rustup component add rust-docs ||
    fail "rustup could not add the component rust-docs" "rustup component add rust-docs"
}

# The accounts' tests start servers of their own; none of the system's has to run.
setup_databases() {
  if ! scripts/peers/program mariadb >/dev/null 2>&1; then
    want mariadbd mariadb-server-core mariadb-client-core
  fi
  install_wanted
  scripts/peers/program postgresql >/dev/null 2>&1 && return
  have apt-get || fail "PostgreSQL's server is missing, and there is no apt to install it with" \
    "install what provides 'postgres' and 'initdb' (on Debian: postgresql), then run this again"
  # The package would make a cluster and start it, unless this is there while it is installed.
  apt_install postgresql-common
  trap 'as_root rm -f "$NO_CLUSTER"' EXIT
  as_root mkdir -p "$(dirname "$NO_CLUSTER")"
  as_root tee "$NO_CLUSTER" >/dev/null <<<'create_main_cluster = false'
  apt_install postgresql
  as_root rm -f "$NO_CLUSTER"
  trap - EXIT
}

# One of the peers that conversions are measured against is a Node.js program; the API is measured
# against nginx, by h2load.
setup_bench() {
  setup_run
  want node nodejs
  want npm npm
  want h2load nghttp2-client
  install_wanted
  setup_nginx
}

# The bench starts one of its own, and so do tests of the frontend's image; none of the system's has to run.
setup_nginx() {
  [[ -x /usr/sbin/nginx && -e /usr/lib/nginx/modules/ngx_http_brotli_static_module.so ]] && return
  have apt-get || fail "nginx is missing, and there is no apt to install it with" \
    "install /usr/sbin/nginx, then run this again"
  apt_install_idle nginx nginx-light libnginx-mod-http-brotli-static
}

# apt_install_idle SERVICE PACKAGE...: the packages would start a server, unless this forbids it while they
# are installed.
apt_install_idle() {
  local service=$1
  shift
  if [[ -e $NO_SERVICES ]]; then
    apt_install "$@"
  else
    trap 'as_root rm -f "$NO_SERVICES"' EXIT
    as_root install -m 755 /dev/stdin "$NO_SERVICES" <<<$'#!/bin/sh\nexit 101'
    apt_install "$@"
    as_root rm -f "$NO_SERVICES"
    trap - EXIT
  fi
  # Nor at the next start of the machine.
  ! have systemctl || as_root systemctl disable --quiet "$service"
}

setup_lint() {
  setup_rust
  want shellcheck shellcheck
  install_wanted
  [[ $(cargo-deny --version 2>/dev/null) == "cargo-deny $CARGO_DENY" ]] && return
  # Unoptimised it builds in a minute instead of several, and checks as fast as one could wish.
  say "building cargo-deny $CARGO_DENY into ~/.cargo/bin: about a minute"
  CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/tools \
    cargo install cargo-deny --version "$CARGO_DENY" --locked --debug --quiet ||
    fail "cargo-deny $CARGO_DENY could not be built" "cargo install cargo-deny --version $CARGO_DENY --locked"
}

setup_dev() {
  setup_run
  want entr entr
  install_wanted
}

case ${1:-} in
  build) setup_rust ;;
  run | test | deploy | images | lint | dev | bench) "setup_$1" ;;
  *) fail "usage: scripts/setup.sh build|run|test|deploy|images|lint|dev|bench" ;;
esac
