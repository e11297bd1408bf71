# Sourced by ./barograph and ./tools/run-tests with $root set: brings the clone into a state that runs. Prints on standard error only.

say() { printf 'barograph: %s\n' "$*" >&2; }

# The Node 24 that is a dependency of the project, whatever the machine's own is.
node24() { printf '%s/node_modules/.bin/node' "$root"; }

# set_up program: what running needs. set_up tests: the test tools as well.
set_up() {
  command -v npm >/dev/null 2>&1 || { say 'npm is not installed; try: apt-get install npm (Node 20 or newer)'; exit 69; }
  # Two shells that start at once must not install over each other.
  exec 8>"$root/.set-up.lock"
  if command -v flock >/dev/null 2>&1; then flock 8; fi
  install_packages "$1"
  build_program
  exec 8>&-
}

install_packages() {
  local wanted stamp="$root/node_modules/.set-up-$1"
  wanted=$(cksum <"$root/package-lock.json")
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x "$(node24)" ]; then return; fi
  if [ "$1" = program ] && [ -f "$root/node_modules/.set-up-tests" ] && [ "$(cat "$root/node_modules/.set-up-tests")" = "$wanted" ]; then return; fi
  say 'installing dependencies (once; about half a minute) …'
  local log="$root/node_modules.log" scope=()
  [ "$1" = program ] && scope=(--workspaces=false)
  if ! (cd "$root" && npm ci "${scope[@]}" --no-audit --no-fund --loglevel=error >"$log" 2>&1); then
    cat "$log" >&2
    say 'npm ci failed; the lines above say why. It needs the npm registry (or a mirror set with npm config set registry URL).'
    exit 69
  fi
  rm -f "$log"
  printf '%s\n' "$wanted" >"$stamp"
}

build_program() {
  local entry="$root/dist/cli/main.js"
  if [ -f "$entry" ] && [ -z "$(find "$root/src" "$root/package.json" "$root/tsconfig.json" -newer "$root/dist/.built" -print -quit 2>/dev/null || echo stale)" ]; then return; fi
  say 'building …'
  # A file that was deleted from src must not live on in dist.
  rm -rf "$root/dist"
  local log
  if ! log=$(cd "$root" && PATH="$root/node_modules/.bin:$PATH" npm run --silent build 2>&1); then
    printf '%s\n' "$log" >&2
    say 'the build failed; the lines above say where.'
    exit 70
  fi
  touch "$root/dist/.built"
}
