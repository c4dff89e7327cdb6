#!/bin/sh
# Installs the Debian packages of the proofs, as root on Debian with CI=true only. Elsewhere, and where a package cannot be had, its
# tests are skipped by name, with the command that installs it.
set -u
packages="faketime"
if [ "${CI:-}" != true ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "not installed: $packages (only as root on Debian with CI=true)"
  exit 0
fi
missing=""
for package in $packages; do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -z "$missing" ]; then exit 0; fi
export DEBIAN_FRONTEND=noninteractive
# Word splitting is wanted: one argument for each package.
apt-get update --quiet >/dev/null && apt-get install --yes --quiet --no-install-recommends $missing >/dev/null || echo "could not install:$missing" >&2
