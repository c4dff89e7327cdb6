/** The options of bubblewrap for a profile: what a program sees, and why each is there. */
import type { SandboxCommand, SandboxProfile } from "@millrace/kernel";

/** Home and temporary folder inside a sandbox. */
const INSIDE = { home: "/home/agent", tmp: "/tmp" } as const;
/** User and group inside. Files of the host's user are this user's; all others are nobody's. */
const INSIDE_ID = "1000";
/** Size of the root itself, which holds mount points and generated files, and of the shared memory, in bytes. */
const ROOT_BYTES = 4 * 1024 * 1024;
const SHARED_MEMORY_BYTES = 64 * 1024 * 1024;

/** Where a system keeps its programs. */
export interface SystemLayout {
  /** `/bin` and its like as links, with their targets. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Folders of programs and libraries, `/usr` among them. */
  readonly folders: readonly string[];
}

/** Files of the system that programs need and that hold no secret. */
const SYSTEM_FILES = ["/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime"];

/**
 * Files that are made for the inside. Without a user git cannot commit, without hosts `localhost` is not found. There is no resolv.conf:
 * there is no network.
 */
export const GENERATED_FILES: readonly { readonly path: string; readonly text: string }[] = [
  {
    path: "/etc/passwd",
    text: `agent:x:${INSIDE_ID}:${INSIDE_ID}:agent:${INSIDE.home}:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
  },
  { path: "/etc/group", text: `agent:x:${INSIDE_ID}:\nnogroup:x:65534:\n` },
  { path: "/etc/hosts", text: "127.0.0.1 localhost sandbox\n::1 localhost\n" },
  { path: "/etc/nsswitch.conf", text: "passwd: files\ngroup: files\nhosts: files\n" },
];

/** Numbers of the descriptors that bubblewrap reads and writes. `files`: one for each of the generated files. */
export interface ProfileDescriptors {
  readonly status: number;
  readonly files: readonly number[];
}

/** The options of a sandbox, without the program. They are passed over a descriptor: a command line can be read by every user (`ps`). */
export function profileArguments(
  { cwd, env, profile }: Pick<SandboxCommand, "cwd" | "env" | "profile">,
  system: SystemLayout,
  descriptors: ProfileDescriptors,
): readonly string[] {
  const { limits } = profile;
  const sized = (path: string, bytes: number, mode: string): readonly string[] => ["--perms", mode, "--size", `${bytes}`, "--tmpfs", path];
  const variables = { ...env, HOME: INSIDE.home, TMPDIR: INSIDE.tmp };
  return [
    // Named one by one: the user with the id 0 gets no user namespace otherwise.
    ["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    // A user namespace of its own would give a program capabilities again, and with them more of the kernel to attack.
    ["--disable-userns"],
    // The end of the starter is the end of this.
    ["--die-with-parent"],
    // No terminal, into which a program could type (TIOCSTI).
    ["--new-session"],
    ["--cap-drop", "ALL"],
    // Nothing is inherited.
    ["--clearenv"],
    Object.entries(variables).flatMap(([name, value]) => ["--setenv", name, value]),
    ["--hostname", "sandbox", "--uid", INSIDE_ID, "--gid", INSIDE_ID],
    // Its exit code is there only when the set-up did not fail.
    ["--json-status-fd", `${descriptors.status}`],
    sized("/", ROOT_BYTES, "0755"),
    systemArguments(system),
    GENERATED_FILES.flatMap(({ path }, index) => ["--perms", "0644", "--file", `${descriptors.files[index]}`, path]),
    ["--proc", "/proc", "--dev", "/dev"],
    sized("/dev/shm", SHARED_MEMORY_BYTES, "1777"),
    sized(INSIDE.tmp, limits.privateBytes, "1777"),
    sized(INSIDE.home, limits.privateBytes, "0700"),
    mounts(profile).flatMap(({ how, source, path }) => [how, source, path]),
    // The owner of these files may write some of them without a capability.
    ["--ro-bind", "/proc/sys", "/proc/sys"],
    // Both are file systems in memory; the one of the devices has no size.
    ["--remount-ro", "/dev", "--remount-ro", "/"],
    ["--chdir", cwd],
  ].flat();
}

/** Folders and files of the system, read-only. */
export function systemArguments({ links, folders }: SystemLayout): readonly string[] {
  return [
    ...folders.flatMap((path) => ["--ro-bind", path, path]),
    ...links.flatMap(({ path, target }) => ["--symlink", target, path]),
    ...SYSTEM_FILES.flatMap((path) => ["--ro-bind-try", path, path]),
  ];
}

/** A folder, file or socket of the host and where it is seen. */
export interface Mount {
  readonly how: "--bind" | "--ro-bind";
  readonly source: string;
  readonly path: string;
}

/** What a profile shows, outer paths before those inside them. */
export function mounts({ work, visible, doors }: SandboxProfile): readonly Mount[] {
  const all: readonly Mount[] = [
    ...visible.map((path): Mount => ({ how: "--ro-bind", source: path, path })),
    // A socket can be connected to where it is mounted read-only.
    ...doors.map(({ socket, path }): Mount => ({ how: "--ro-bind", source: socket, path })),
    { how: work.access === "write" ? "--bind" : "--ro-bind", source: work.path, path: work.path },
  ];
  return all.toSorted((one, other) => depthOf(one.path) - depthOf(other.path));
}

function depthOf(path: string): number {
  return path.split("/").length;
}

/** Whether `path` is `folder` or inside it. */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
