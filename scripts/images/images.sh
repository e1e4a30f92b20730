# Where images are built and run without a Docker engine, and how; sourced, never run.
# shellcheck shell=bash

# One folder, outside the repository and apart from other images of this machine: a `git clean` keeps what
# took minutes to build, and what tests leave behind is theirs.
readonly IMAGES="${PLATEN_IMAGES:-$HOME/.cache/platen/images}"

# Overlays copy nothing, but not every kernel has them, and none puts one on another.
storage_driver() {
  if grep -qw overlay /proc/filesystems && [[ $(stat -f -c %T "$IMAGES") != overlayfs ]]; then
    echo overlay
  else
    echo vfs
  fi
}

# settings FILE: writes it, at once and as a whole: another process may read it at this moment.
settings() {
  cat >"$IMAGES/$1.$$"
  mv "$IMAGES/$1.$$" "$IMAGES/$1"
}

# Has buildah and podman keep everything in that folder, and ask for nothing that a plain root user of a
# machine without systemd may lack.
use_images() {
  ((EUID == 0)) || fail "images are built and run as root here" "sudo -E ${0##*/}"
  mkdir -p "$IMAGES/temporary"
  settings storage.conf <<END
[storage]
driver = "$(storage_driver)"
graphroot = "$IMAGES/storage"
runroot = "$IMAGES/run"
END
  # As many files and processes as Lambda gives, which any machine can: what podman takes without being asked, one
  # that is a container itself may not have.
  settings containers.conf <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
runtime = "runc"
tmp_dir = "$IMAGES/run/libpod"
END
  # A registry that a test has started speaks no TLS.
  settings registries.conf <<END
[[registry]]
location = "127.0.0.1"
insecure = true
END
  export CONTAINERS_STORAGE_CONF="$IMAGES/storage.conf" CONTAINERS_CONF="$IMAGES/containers.conf"
  export CONTAINERS_REGISTRIES_CONF="$IMAGES/registries.conf"
  # Caches of builds and what is on its way, gigabytes of both.
  export TMPDIR="$IMAGES/temporary" BUILDAH_ISOLATION=chroot
  # What the pipeline's `build` begins with: scripts/images/bases makes them.
  export DELIVERY_BUILDER=buildah
  export DELIVERY_BUILD_IMAGE=localhost/platen-build-base DELIVERY_RUNTIME_IMAGE=localhost/platen-runtime-base
  # Health is asked for by who wants to know it: there is no systemd to do it from time to time.
  export DISABLE_HC_SYSTEMD=true
}
