#!/usr/bin/env bash
# Builds and tests everything, packs, builds the samples from the packages, and publishes and asks a Native AOT app.
# Needs Debian or Ubuntu and the .NET SDK; installs what else is missing. The last line is "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly configuration=Release
readonly results=artifacts/test-results
readonly logs=artifacts/logs
readonly packages=.packages

# Nothing stays running afterwards, and nothing asks or greets.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

passed=0
failed=0
skipped=0
failures=()
app_pid=

# Runs at every end, also an unexpected one: no exit without the closing line.
finish() {
  local status=$?
  stop_app
  if ((status != 0 && failed == 0)); then
    fail "test.sh itself, with exit code $status"
  fi
  if ((passed == 0 && failed == 0)); then
    fail "nothing was run"
  fi

  printf '\n== %s\n' "took $(duration "$SECONDS")"
  if ((failed > 0)); then
    printf 'failed: %s\n' "${failures[@]}"
  fi
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  trap - EXIT
  exit "$((failed > 0))"
}

fail() {
  failed=$((failed + 1))
  failures+=("$1")
}

duration() {
  printf '%d:%02d' "$(($1 / 60))" "$(($1 % 60))"
}

# check NAME COMMAND...: one check. Its output goes to a log, of which the end is shown when it fails.
check() {
  local name=$1 log start=$SECONDS
  shift
  log="$logs/${name//[^a-zA-Z0-9.]/-}.log"
  printf '== %-44s ' "$name"
  if "$@" >"$log" 2>&1 </dev/null; then
    passed=$((passed + 1))
    printf 'ok      %s\n' "$(duration "$((SECONDS - start))")"
  else
    fail "$name"
    printf 'FAILED  %s\n' "$(duration "$((SECONDS - start))")"
    tail -n 25 "$log" | cut -c1-400 | sed 's/^/   | /'
    return 1
  fi
}

install_missing() {
  local wanted=() sudo=()
  command -v gcc >/dev/null || wanted+=(gcc libc6-dev)
  dpkg -s zlib1g-dev >/dev/null 2>&1 || wanted+=(zlib1g-dev)
  # A name server that others wrote, for one test.
  dpkg -s dnsmasq-base >/dev/null 2>&1 || wanted+=(dnsmasq-base)
  command -v curl >/dev/null || wanted+=(curl)
  # A web server and proxy that others wrote: it calls the mesh, and is called.
  [[ -x /usr/sbin/nginx ]] || command -v nginx >/dev/null || wanted+=(nginx-light)
  command -v openssl >/dev/null || wanted+=(openssl)
  # The store of shared limits.
  command -v redis-server >/dev/null || wanted+=(redis-server)
  # What an OpenID provider runs on that others wrote; the tests of the gateway fetch it from npm.
  command -v node >/dev/null || wanted+=(nodejs)
  command -v npm >/dev/null || wanted+=(npm)
  command -v unzip >/dev/null || wanted+=(unzip)
  compgen -G '/usr/lib/*/libssl.so.3' >/dev/null || wanted+=(libssl-dev)
  compgen -G '/usr/lib/*/libicuuc.so.*' >/dev/null || [[ ${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-} =~ ^(1|true)$ ]] || wanted+=(libicu-dev)
  if ((${#wanted[@]} == 0)); then
    return
  fi

  echo "installing ${wanted[*]}"
  if ((EUID != 0)); then
    sudo=(sudo)
  fi
  # As root throughout: in some containers apt's own user may not even write to /dev/null, and no signature verifies.
  local apt=(apt-get -o APT::Sandbox::User=root)
  "${sudo[@]}" "${apt[@]}" update -qq
  # A run level of 1 keeps packages from starting their services.
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 "${apt[@]}" install -qq -y --no-install-recommends "${wanted[@]}"
}

restore() {
  dotnet restore Mesh.Library.sln
}

build() {
  dotnet build Mesh.Library.sln -c "$configuration" --no-restore
}

# test_project PROJECT: runs one test project and adds up its TRX file.
test_project() {
  local name trx log start=$SECONDS status=0 counters total ok
  name=$(basename "$1" .csproj)
  trx="$results/$name.trx"
  log="$logs/$name.log"
  printf '== %-44s ' "$name"
  timeout --kill-after=10 600 dotnet test "$1" -c "$configuration" --no-build \
    --results-directory "$results" --logger "trx;LogFileName=$name.trx" >"$log" 2>&1 </dev/null || status=$?

  # A run that broke off leaves no file, or one without counters.
  counters=$(grep -o '<Counters [^>]*' "$trx" 2>/dev/null) || counters=
  total=$(attribute total "$counters")
  ok=$(attribute passed "$counters")
  local bad=0 test
  while IFS= read -r test; do
    fail "$name: $test"
    bad=$((bad + 1))
  done < <(failed_tests "$trx")
  passed=$((passed + ok))
  skipped=$((skipped + total - ok - bad))

  if ((total == 0)); then
    fail "$name: no test was run"
    bad=$((bad + 1))
  elif ((status != 0 && bad == 0)); then
    fail "$name: exit code $status"
    bad=1
  fi

  printf '%s%d passed, %d failed, %d skipped  %s\n' "$( ((bad)) && echo 'FAILED  ')" "$ok" "$bad" "$((total - ok - bad < 0 ? 0 : total - ok - bad))" \
    "$(duration "$((SECONDS - start))")"
  if ((bad > 0)); then
    tail -n 60 "$log" | sed 's/^/   | /'
  fi
}

# attribute NAME ELEMENT: the number in the attribute, or 0.
attribute() {
  [[ $2 =~ [[:space:]]$1=\"([0-9]+)\" ]] && echo "${BASH_REMATCH[1]}" || echo 0
}

failed_tests() {
  grep -oE '<UnitTestResult [^>]*outcome="(Failed|Error|Timeout|Aborted)"' "$1" 2>/dev/null |
    sed -E 's/.* testName="([^"]*)".*/\1/; s/&quot;/"/g; s/&apos;/'"'"'/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' || true
}

pack() {
  rm -f "$packages"/*.nupkg "$packages"/*.snupkg
  dotnet pack Mesh.Library.sln -c "$configuration" --no-build
}

# package NAME: has everything that a package on a feed should have.
package() {
  local files=("$packages/$1".[0-9]*.nupkg) symbols=("$packages/$1".[0-9]*.snupkg) names nuspec entry
  [[ ${#files[@]} -eq 1 && -f ${files[0]} ]] || { echo "there is not one $1 package"; return 1; }
  [[ -f ${symbols[0]} ]] || { echo "there are no symbols of $1"; return 1; }
  names=$(unzip -Z1 "${files[0]}")
  nuspec=$(unzip -p "${files[0]}" "$1.nuspec")
  local contents=("lib/net10.0/$1.dll" "lib/net10.0/$1.xml")
  if grep -qF '<packageType name="DotnetTool"' <<<"$nuspec"; then
    contents=(tools/net10.0/any/DotnetToolSettings.xml tools/net10.0/any/mesh.dll)
  fi
  for entry in README.md "${contents[@]}"; do
    grep -qxF "$entry" <<<"$names" || { echo "$entry is missing"; return 1; }
  done
  [[ $(unzip -p "${files[0]}" README.md | wc -c) -gt 0 ]] || { echo "README.md is empty"; return 1; }
  for entry in '<license type="expression">MIT</license>' '<readme>README.md</readme>' '<description>'; do
    grep -qF "$entry" <<<"$nuspec" || { echo "$entry is missing from the nuspec"; return 1; }
  done
  names=$(unzip -Z1 "${symbols[0]}")
  entry=${contents[-1]/%.xml/.dll}
  grep -qxF "${entry/%.dll/.pdb}" <<<"$names" || { echo "${entry/%.dll/.pdb} is missing from the symbols"; return 1; }
}

# sample PROJECT: builds it from the packages just packed. In a package folder of its own, because the machine's would
# keep an earlier package of the same version.
sample() {
  dotnet build "$1" -c "$configuration" -p:UseMeshPackages=true \
    -p:RestorePackagesPath="$PWD/artifacts/samples/packages" -p:ArtifactsPath="$PWD/artifacts/samples"
}

# The command as a user gets it: installed from the package just packed, asked for an identity and for its verdict.
tool() {
  local folder=artifacts/tool verdict
  rm -rf "$folder"
  dotnet tool install Mesh.Tool --prerelease --tool-path "$folder" --add-source "$packages" --no-cache
  "$folder/mesh" cert dev issue spiffe://shop.example/ns/shop/sa/orders --out "$folder/orders" --directory "$folder/ca"
  verdict=$("$folder/mesh" cert verify "$folder/orders/cert.pem" --directory "$folder/ca")
  echo "$verdict"
  [[ $verdict == 'accepted: spiffe://shop.example/ns/shop/sa/orders' ]]
}

# The sample's own verdict: a replica killed, one slow, one faulty, and every customer served.
shop_demo() {
  dotnet run -c "$configuration" --no-build --project samples/Shop -- --demo 20
}

publish_aot() {
  rm -rf artifacts/aot
  dotnet publish tests/Mesh.AotApp -c "$configuration" -o artifacts/aot
}

# Two services in one process talk over mutual TLS: the answer names the caller's identity.
ask_aot() {
  local log=artifacts/aot/output.log address=
  (cd artifacts/aot && exec env DOTNET_ENVIRONMENT=Development Mesh__Identity__DevelopmentDirectory="$PWD/identity" ./Mesh.AotApp >output.log 2>&1) &
  app_pid=$!
  for _ in {1..100}; do
    address=$(sed -nE 's/.*Now listening on: (http:.*)$/\1/p' "$log" 2>/dev/null) && [[ -n $address ]] && break
    kill -0 "$app_pid" || break
    sleep 0.1
  done

  local answer
  answer=$(curl --silent --show-error --fail-with-body --max-time 20 "$address/ask?name=AOT") || { echo "$answer"; cat "$log"; return 1; }
  echo "$answer"
  [[ $answer == '{"text":"Hello, AOT!","caller":"spiffe://aot.example/ns/tests/sa/greeter"}' ]] || return 1
  kill -TERM "$app_pid"
  wait "$app_pid" || { echo "it ended with exit code $?"; return 1; }
  app_pid=
}

stop_app() {
  if [[ -n $app_pid ]]; then
    kill -KILL "$app_pid" 2>/dev/null || true
    wait "$app_pid" 2>/dev/null || true
    app_pid=
  fi
}

trap finish EXIT
rm -rf "$results" "$logs" artifacts/samples/packages/mesh.*
mkdir -p "$results" "$logs"
install_missing

check restore restore
check build build

for project in tests/*.Tests/*.csproj; do
  test_project "$project"
done

if check pack pack; then
  for project in src/*/*.csproj; do
    name=$(basename "$project" .csproj)
    check "package $name" package "$name" || true
  done
  check 'tool from its package' tool || true
  check 'samples from packages' sample samples/Shop/Shop.csproj || true
fi

check 'shop demo' shop_demo || true

if check 'publish with Native AOT' publish_aot; then
  check 'ask the Native AOT app' ask_aot || true
fi
