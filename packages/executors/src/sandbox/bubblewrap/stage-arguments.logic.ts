/**
 * The stage that a host of the user root starts a sandbox from.
 *
 * A user namespace maps a user id and does not drop it: files of a program inside would be root's, `setuid` ones among them. So root sets up
 * a view of the few folders that the sandbox needs (its own user could not reach them), gives the work to that user, becomes that user for
 * good, and starts the sandbox as any other user does.
 */
import type { SandboxProfile } from "@millrace/kernel";
import { isInside, mounts, systemArguments, type SystemLayout } from "./profile-arguments.logic.js";

/**
 * User and group of sandboxes on a host of root. In no range that distributions or systemd give to people, services or containers, so that
 * nothing else on the machine has it.
 */
export const SANDBOX_USER = 61_000;

/** Size of the root of the stage, which holds mount points, in bytes. */
const ROOT_BYTES = 4 * 1024 * 1024;

/** The options of bubblewrap for the stage, without the program. */
export function stageArguments(profile: SandboxProfile, system: SystemLayout): readonly string[] {
  const { work } = profile;
  const needed = mounts(profile)
    .map(({ source }) => source)
    .filter((path) => !isInside(work.path, path));
  const folders = new Set(["/etc", ...[work.path, ...needed].flatMap(foldersAbove)]);
  return [
    ["--die-with-parent"],
    // The end of its first process, which is root's, is the end of all others. A signal to another user would need a capability that
    // bubblewrap gives up: `--die-with-parent` ends at the change of the user.
    ["--unshare-pid"],
    ["--size", `${ROOT_BYTES}`, "--tmpfs", "/"],
    // Open to the user of sandboxes, unlike those of the host: only what is mounted is behind them.
    [...folders].flatMap((path) => ["--perms", "0755", "--dir", path]),
    systemArguments(system),
    ["--dir", "/proc", "--dev-bind", "/dev", "/dev"],
    needed.flatMap((path) => [isDoor(profile, path) ? "--bind" : "--ro-bind", path, path]),
    ["--bind", work.path, work.path],
  ].flat();
}

function isDoor({ doors }: SandboxProfile, path: string): boolean {
  return doors.some(({ socket }) => socket === path);
}

/** `/a` and `/a/b` for `/a/b/c`. */
function foldersAbove(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.slice(0, -1).map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

/**
 * Mounts the view of processes (one of bubblewrap's own has covered parts, and such a one cannot be mounted anew inside), gives the work and
 * the doors to the user of sandboxes and goes on: `sh -c <script> stage <user> <work> <door>... -- <program>...`. Files
 * with more than one name are left alone: the other name may be outside the work.
 */
const STAGE_SCRIPT = `
user=$1 work=$2
shift 2
mount -t proc proc /proc || exit 125
find "$work" -xdev ! -uid "$user" '(' -type d -o -links 1 ')' -exec chown -h "$user:$user" '{}' + || exit 125
while [ "$1" != -- ]; do chown -h "$user" "$1" || exit 125; shift; done
shift
exec "$@"`;

/** The command line that becomes the user of sandboxes, without capabilities and without a way back, and goes on with a program. */
export function stageCommand({ work, doors }: SandboxProfile): readonly string[] {
  const user = `${SANDBOX_USER}`;
  return [
    ["/bin/sh", "-c", STAGE_SCRIPT, "stage", user, work.path, ...doors.map(({ socket }) => socket), "--"],
    ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"],
  ].flat();
}
