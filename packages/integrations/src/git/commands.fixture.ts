import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { CommandRequest, CommandRunner } from "@millrace/kernel";

/** Whether bubblewrap works here. Where it does not: `apt-get install bubblewrap`, and user namespaces switched on. */
export const canContain = spawnSync("bwrap", containment({ work: "/nonexistent", visible: [], env: {}, cwd: "/" }, ["true"])).status === 0;

/** A small command runner for the tests of this package: in bubblewrap when it `contains`, else as plain processes. */
export function testCommands({ contains }: { readonly contains: boolean }): CommandRunner {
  return {
    run: (request) =>
      new Promise((resolve, reject) => {
        const [program, ...args] = argvOf(request, contains);
        const child = spawn(program, args, { cwd: request.cwd, env: contains ? pathOnly() : { ...request.env }, detached: true });
        const [out, err]: [Buffer[], Buffer[]] = [[], []];
        const limit = request.stdout?.maxBytes ?? Infinity;
        const kept = request.stdout === undefined ? err : out;
        let size = 0;
        let timedOut = false;
        const end = () => {
          if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        };
        const timer = setTimeout(() => {
          timedOut = true;
          end();
        }, request.timeoutMs);
        child.stdout.on("data", (chunk: Buffer) => {
          size += chunk.byteLength;
          if (size <= limit) kept.push(chunk);
          else if (size - chunk.byteLength <= limit) end();
        });
        child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
        child.stdin.on("error", () => undefined);
        child.stdin.end(request.stdin ?? new Uint8Array());
        child.once("error", reject);
        child.once("close", (code, signal) => {
          clearTimeout(timer);
          const output = Buffer.concat(err).toString("utf8").slice(-request.keepBytes);
          resolve({ exit: { code, signal }, timedOut, output, stdout: Buffer.concat(out), overflowed: size > limit });
        });
      }),
  };
}

interface View {
  readonly work: string;
  readonly visible: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Arguments of bubblewrap: system folders, one work folder, no network, no process of the host. */
function containment(view: View, argv: readonly string[]): readonly string[] {
  const system = ["bin", "sbin", "lib", "lib64"].flatMap((name) =>
    existsSync(`/usr/${name}`) ? ["--symlink", `usr/${name}`, `/${name}`] : [],
  );
  const env = Object.entries({ ...view.env, HOME: "/tmp" }).flatMap(([name, value]) => ["--setenv", name, value]);
  const isolation = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"];
  const files = ["--ro-bind", "/usr", "/usr", ...system, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"];
  const work = existsSync(view.work) ? ["--bind", view.work, view.work] : [];
  const visible = view.visible.flatMap((path) => ["--ro-bind", path, path]);
  return [...isolation, ...files, ...visible, ...work, ...env, "--chdir", view.cwd, "--", ...argv];
}

function argvOf({ argv, profile, cwd, env }: CommandRequest, contains: boolean): readonly [string, ...string[]] {
  return contains && profile !== null
    ? ["bwrap", ...containment({ work: profile.work.path, visible: profile.visible, env, cwd }, argv)]
    : argv;
}

function pathOnly(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
}
