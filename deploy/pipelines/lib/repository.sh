# The GitOps repository: one branch per environment, which says what runs there. Sourced, never run.
#
#   platform/manifests.yaml            what all releases share
#   releases/VERSION/manifests.yaml    one release, rendered
#   releases/VERSION/release.env       its commit and the digests of its images
#   routes/VERSION.yaml                the Services and the event-source mapping that lead to it
#   route.yaml                         one of those: the release that serves
# shellcheck shell=bash

: "${DELIVERY_REPOSITORY:=${CD_PROJECT:+https://github.com/${CD_DESTINATION_OWNER:-}/$CD_PROJECT.git}}"
repository=$DELIVERY_REPOSITORY

# The token is told to git by a helper that reads the environment: it stands in no URL, no argument and no
# file, and is given to GitHub alone.
if [[ -n ${API_TOKEN_GITHUB:-} ]]; then
  export API_TOKEN_GITHUB GIT_CONFIG_COUNT=1
  export GIT_CONFIG_KEY_0=credential.https://github.com.helper
  # shellcheck disable=SC2016 # git's shell expands it
  export GIT_CONFIG_VALUE_0='!f() { test "$1" != get || printf "username=x-access-token\npassword=%s\n" "$API_TOKEN_GITHUB"; }; f'
fi
export GIT_TERMINAL_PROMPT=0
export GIT_AUTHOR_NAME="${GIT_AUTHOR_NAME:-Platen delivery}" GIT_AUTHOR_EMAIL="${GIT_AUTHOR_EMAIL:-delivery@platen.invalid}"
export GIT_COMMITTER_NAME="${GIT_COMMITTER_NAME:-$GIT_AUTHOR_NAME}" GIT_COMMITTER_EMAIL="${GIT_COMMITTER_EMAIL:-$GIT_AUTHOR_EMAIL}"

# checkout BRANCH FOLDER [new]: a fresh clone of a branch, which need not exist yet when `new` follows.
checkout() {
  local branch=$1 folder=$2
  [[ -n $repository ]] || fail "no GitOps repository is named" \
    "--repository URL, or CD_DESTINATION_OWNER and CD_PROJECT"
  rm -rf "$folder"
  git clone --quiet --no-checkout "$repository" "$folder" 2>"$WORK/git.log" ||
    fail "the GitOps repository cannot be cloned: $(tail -n 1 "$WORK/git.log")" \
      "check that $repository exists and that the token may read it"
  if git -C "$folder" rev-parse --quiet --verify "origin/$branch" >/dev/null; then
    git -C "$folder" checkout --quiet -B "$branch" "origin/$branch"
  elif [[ ${3:-} == new ]]; then
    git -C "$folder" switch --quiet --orphan "$branch"
  else
    fail "the GitOps repository has no branch '$branch'" "bin/publish makes it with the first release"
  fi
}

# change BRANCH MESSAGE COMMAND...: commits what COMMAND does in a checkout, and pushes. When another
# pipeline was faster, COMMAND runs again on what that one left, so it decides on what is true.
change() {
  local branch=$1 message=$2 attempt
  shift 2
  for attempt in 1 2 3 4 5; do
    checkout "$branch" "$WORK/change" new
    # No `||` here: it would keep errors inside COMMAND from ending it.
    (
      cd "$WORK/change" || exit
      "$@"
    )
    git -C "$WORK/change" add --all
    if git -C "$WORK/change" rev-parse --quiet --verify HEAD >/dev/null &&
      git -C "$WORK/change" diff --cached --quiet; then
      say "$branch says so already: $message"
      return
    fi
    git -C "$WORK/change" commit --quiet --message "$message"
    if git -C "$WORK/change" push --quiet origin "HEAD:refs/heads/$branch" 2>"$WORK/git.log"; then
      say "$branch: $message ($(git -C "$WORK/change" rev-parse --short HEAD))"
      return
    fi
    grep -qE 'rejected|failed to lock|cannot lock ref' "$WORK/git.log" || break
    say "another pipeline pushed to $branch first: once more ($attempt of 5)"
  done
  fail "the push to $branch failed: $(tail -n 1 "$WORK/git.log")" \
    "check that the token may write to $repository, and that no rule protects $branch from it"
}

# active FOLDER: the version that a checkout routes to, or nothing.
active() {
  [[ ! -f $1/route.yaml ]] || version_of_route <"$1/route.yaml"
}

# The first line says it, so that a person who opens the file sees it, too.
version_of_route() {
  sed -n '1s/^# active: //p'
}

# refuse_overtaken BRANCH: where pipelines of several commits run at once, a slow one must not go back behind what a
# faster one brought. Takes a clone with its history; of a commit that it does not know, nothing can be said.
refuse_overtaken() {
  local version commit
  checkout "$1" "$WORK/overtaken" new
  version=$(active "$WORK/overtaken")
  [[ -n $version ]] || return 0
  commit=$(release_field "$WORK/overtaken" "$version" COMMIT)
  [[ $commit != "$(git -C "$ROOT" rev-parse HEAD)" ]] || return 0
  ! git -C "$ROOT" merge-base --is-ancestor HEAD "$commit" 2>/dev/null ||
    fail "release $version, of a later commit, serves in $1 already" \
      "nothing: it has this commit in it. To go back to an earlier release: bin/route"
}

# previous FOLDER: the version that was routed to before the active one and is still there.
previous() {
  local folder=$1 now commit version
  now=$(active "$folder")
  while read -r commit; do
    version=$(git -C "$folder" show "$commit:route.yaml" 2>/dev/null | version_of_route)
    [[ -n $version && $version != "$now" && -d $folder/releases/$version ]] || continue
    printf '%s\n' "$version"
    return
  done < <(git -C "$folder" log --format=%H -- route.yaml)
}

# releases FOLDER: oldest first, by the commit that brought each.
releases() {
  git -C "$1" log --reverse --diff-filter=A --name-only --format= -- 'releases/*/manifests.yaml' |
    cut -d / -f 2 | tac | awk '!seen[$0]++' | tac |
    while read -r version; do
      [[ ! -d $1/releases/$version ]] || printf '%s\n' "$version"
    done
}

# release_field FOLDER VERSION NAME
release_field() {
  sed -n "s/^$3=//p" "$1/releases/$2/release.env"
}

has_release() {
  [[ -f $1/releases/$2/manifests.yaml ]] ||
    fail "the GitOps repository has no release '$2'" "those it has: $(releases "$1" | paste -sd ' ')"
}
