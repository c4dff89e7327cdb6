/**
 * Installs the Debian packages that tests need, where that is wanted: as root on Debian with `CI=true`. Elsewhere it changes nothing; tests
 * that need a package are skipped by name, with the command that installs it.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Packages by a program of each. */
const PACKAGES: Readonly<Record<string, string>> = { "/usr/bin/bwrap": "bubblewrap", "/usr/bin/faketime": "faketime" };

const missing = Object.entries(PACKAGES).flatMap(([program, name]) => (existsSync(program) ? [] : [name]));
const mayInstall = process.env["CI"] === "true" && process.getuid?.() === 0 && existsSync("/etc/debian_version");

if (missing.length > 0 && !mayInstall)
  console.log(`not here, so their tests are skipped: ${missing.join(" ")} (sudo apt-get install ${missing.join(" ")})`);
if (missing.length > 0 && mayInstall) {
  try {
    const apt = (...args: readonly string[]): Buffer =>
      execFileSync("apt-get", [...args], {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      });
    apt("update", "-qq");
    apt("install", "-qq", "--yes", "--no-install-recommends", ...missing);
    console.log(`installed ${missing.join(" ")}`);
  } catch {
    // Without a network the tests say what they skip.
    console.log(`could not be installed, so their tests are skipped: ${missing.join(" ")}`);
  }
}
