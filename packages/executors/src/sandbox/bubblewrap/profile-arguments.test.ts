import { describe, expect, it } from "vitest";
import { DEFAULT_SANDBOX_LIMITS } from "../limits.js";
import { GENERATED_FILES, isInside, mounts, profileArguments, type SystemLayout } from "./profile-arguments.logic.js";
import { SANDBOX_USER, stageArguments, stageCommand } from "./stage-arguments.logic.js";

const profile = {
  work: { path: "/board/jobs/1/work", access: "write" },
  visible: ["/board/jobs/1/work/tools", "/opt/agent"],
  doors: [{ socket: "/board/run/model.sock", path: "/run/millrace/model.sock" }],
  limits: { ...DEFAULT_SANDBOX_LIMITS, privateBytes: 1000 },
} as const;
const system: SystemLayout = { folders: ["/usr"], links: [{ path: "/bin", target: "usr/bin" }] };
const env = { PATH: "/usr/bin", HOME: "/home/ada" };
const words = (more: object = {}): string =>
  profileArguments({ cwd: "/board/jobs/1/work/app", env, profile: { ...profile, ...more } }, system, {
    status: 4,
    files: [7, 8, 9, 10],
  }).join(" ");

describe("the options of a sandbox", () => {
  it.each([
    ["a user namespace, by name: root gets none otherwise", "--unshare-user"],
    ["processes of its own", "--unshare-pid"],
    ["no network", "--unshare-net"],
    ["no shared memory or queues of the host", "--unshare-ipc"],
    ["a host name of its own", "--unshare-uts"],
    ["no view of control groups", "--unshare-cgroup-try"],
    ["no user namespaces inside", "--disable-userns"],
    ["the end of its starter", "--die-with-parent"],
    ["no terminal", "--new-session"],
    ["no capabilities", "--cap-drop ALL"],
    ["no environment of the host", "--clearenv --setenv PATH /usr/bin --setenv HOME /home/agent --setenv TMPDIR /tmp"],
    ["a user of its own", "--hostname sandbox --uid 1000 --gid 1000"],
    ["an exit code apart from its output", "--json-status-fd 4"],
    ["a root with a size", "--perms 0755 --size 4194304 --tmpfs /"],
    ["the programs of the system, read-only", "--ro-bind /usr /usr --symlink usr/bin /bin"],
    ["alternatives, where there are any", "--ro-bind-try /etc/alternatives /etc/alternatives"],
    ["a user's entry", "--perms 0644 --file 7 /etc/passwd"],
    ["its own view of processes and devices", "--proc /proc --dev /dev"],
    ["shared memory with a size", "--perms 1777 --size 67108864 --tmpfs /dev/shm"],
    ["a temporary folder with a size", "--perms 1777 --size 1000 --tmpfs /tmp"],
    ["a home with a size, for itself alone", "--perms 0700 --size 1000 --tmpfs /home/agent"],
    ["tools, read-only", "--ro-bind /opt/agent /opt/agent"],
    ["the work", "--bind /board/jobs/1/work /board/jobs/1/work"],
    ["a door", "--ro-bind /board/run/model.sock /run/millrace/model.sock"],
    ["system settings, read-only", "--ro-bind /proc/sys /proc/sys"],
    ["devices and root that cannot be filled", "--remount-ro /dev --remount-ro / --chdir /board/jobs/1/work/app"],
  ])("give it %s", (_, expected) => expect(` ${words()} `).toContain(` ${expected} `));

  it("mount the work read-only for a job that delivers nothing", () => {
    expect(words({ work: { path: "/w", access: "read" } })).toContain("--ro-bind /w /w");
  });

  it("close /dev and / only after everything is mounted", () => {
    const all = words();
    expect(all.indexOf("--remount-ro")).toBeGreaterThan(
      Math.max(all.lastIndexOf("--bind"), all.lastIndexOf("--tmpfs"), all.lastIndexOf("--file")),
    );
  });

  it("have no home, no root and no resolver of the host", () => {
    expect(words()).not.toMatch(/(?:bind|bind-try) \/ |\/home\/ada|resolv\.conf|\/etc\/ssl/);
    expect(GENERATED_FILES.map(({ path }) => path)).toEqual(["/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf"]);
  });

  it("mount what is inside another mount after it", () => {
    expect(mounts(profile).map(({ path }) => path)).toEqual([
      "/opt/agent",
      "/run/millrace/model.sock",
      "/board/jobs/1/work",
      "/board/jobs/1/work/tools",
    ]);
  });
});

describe("the stage on a host of root", () => {
  const stage = stageArguments(profile, system).join(" ");

  it("shows the sources of the sandbox behind folders that its user may enter, and nothing else", () => {
    for (const folder of ["/board", "/board/jobs", "/board/jobs/1", "/board/run", "/opt", "/etc"])
      expect(stage).toContain(`--perms 0755 --dir ${folder} `);
    expect(stage).toContain("--ro-bind /opt/agent /opt/agent --bind /board/run/model.sock /board/run/model.sock --bind /board/jobs/1/work");
    expect(stage).not.toContain("tools");
    expect(stage).toMatch(/--size \d+ --tmpfs \/ /);
  });

  it("ends with its first process, and becomes a user that is not root for good", () => {
    expect(stage).toContain("--die-with-parent --unshare-pid");
    expect(SANDBOX_USER).toBeGreaterThan(0);
    expect(stageCommand(profile).slice(3).join(" ")).toBe(
      `stage ${SANDBOX_USER} /board/jobs/1/work /board/run/model.sock -- setpriv --reuid ${SANDBOX_USER} --regid ${SANDBOX_USER} ` +
        "--clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs",
    );
  });
});

it.each([
  ["/home/ada", "/home/ada", true],
  ["/", "/home/ada", true],
  ["/home", "/home/ada", true],
  ["/home/ad", "/home/ada", false],
  ["/home/ada/code", "/home/ada", false],
])("%s holds %s: %s", (folder, path, expected) => expect(isInside(folder, path)).toBe(expected));
