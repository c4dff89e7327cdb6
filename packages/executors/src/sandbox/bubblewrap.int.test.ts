/** What a sandbox keeps from a program that works against it. Each test also proves that its attack ran. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SandboxCommand, SandboxExit } from "@millrace/kernel";
import { describe, expect, it, vi } from "vitest";
import { entryFolder } from "../entry.js";
import { processesWithVariable, processTable } from "../processes/process-table.js";
import { createBubblewrap } from "./bubblewrap/bubblewrap.js";
import { createPlace, limitsHere, noSandbox } from "./sandbox.fixture.js";
import { SANDBOX_MARKER } from "./started-child.js";

const sandbox = createBubblewrap();

interface Ran extends SandboxExit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
async function run(command: SandboxCommand): Promise<Ran> {
  const started = await sandbox.start(command);
  const [stdout, stderr] = [new Response(started.stdout).text(), new Response(started.stderr).text()];
  await started.stdin.close().catch(() => {});
  const exit = await started.exited;
  await sandbox.end(command.identity, 0);
  return { ...exit, stdout: await stdout, stderr: await stderr };
}

/** Processes of the machine that run a program of that name. */
async function running(program: string): Promise<readonly number[]> {
  return (await processTable()).filter(({ name }) => name === program).map(({ pid }) => pid);
}

describe.skipIf(noSandbox !== null)(`a sandbox${noSandbox === null ? "" : ` (${noSandbox})`}`, () => {
  it("gives back both outputs and the exit code, and passes standard input on", async () => {
    await using place = await createPlace();
    const started = await sandbox.start(place.command("cat; echo oops >&2; exit 7"));
    const writer = started.stdin.getWriter();
    await writer.write(new TextEncoder().encode("hello"));
    await writer.close();
    expect(await started.exited).toEqual({ code: 7, signal: null });
    expect(await new Response(started.stdout).text()).toBe("hello");
    expect(await new Response(started.stderr).text()).toBe("oops\n");
  });

  it("names a program that is not there", async () => {
    await using place = await createPlace();
    for (const program of ["no-such-program-of-millrace", "/no/such/program", "/etc/passwd"])
      await expect(sandbox.start({ ...place.command(""), argv: [program] })).rejects.toMatchObject({ code: "agent_missing" });
  });

  it("works with git: a commit, and localhost has an address", async () => {
    await using place = await createPlace();
    const identity = "-c user.name=A -c user.email=a@b.invalid";
    const ran = await run(place.command(`git init -q && echo x >x && git add x && git ${identity} commit -qm x && getent hosts localhost`));
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("localhost") });
  });

  it("H:S4 a process that clears its environment and leaves its group ends with the program", async () => {
    await using place = await createPlace();
    const name = `h-s4-${process.pid}`;
    const ran = await run(
      place.command(`cp /usr/bin/sleep ${name}; env -i setsid ./${name} 1000 & sleep 0.1; pgrep -f ${name} >/dev/null && echo ran`),
    );
    expect(ran).toMatchObject({ code: 0, stdout: "ran\n" });
    expect(await running(name)).toEqual([]);
  });

  it("H:S4 a stop ends processes that ignore it and left their group, and names them", async () => {
    await using place = await createPlace();
    const command = place.command(`cp /usr/bin/sleep h-s4-stop; trap "" TERM; env -i setsid ./h-s4-stop 1000 & touch up; wait`);
    const started = await sandbox.start(command);
    await vi.waitFor(() => expect(existsSync(join(place.work, "up"))).toBe(true), { timeout: 10_000 });
    const ended = await createBubblewrap().end(command.identity, 100);
    expect(ended.join()).toContain("h-s4-stop");
    expect(await started.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(await running("h-s4-stop")).toEqual([]);
    expect(await sandbox.end(command.identity, 0)).toEqual([]);
  });

  it("a stop asks first", async () => {
    await using place = await createPlace();
    const command = place.command(`trap "echo asked; exit 5" TERM; touch up; while :; do sleep 0.01; done`);
    const started = await sandbox.start(command);
    await vi.waitFor(() => expect(existsSync(join(place.work, "up"))).toBe(true), { timeout: 10_000 });
    await sandbox.end(command.identity, 10_000);
    expect(await new Response(started.stdout).text()).toBe("asked\n");
    expect(await started.exited).toEqual({ code: 5, signal: null });
  });

  it("H:S4 a starter that is killed at any moment leaves nothing running", async () => {
    const program = fileURLToPath(new URL("./starter.fixture.ts", import.meta.url));
    const hook = new URL("../source-hook.ts", import.meta.url).href;
    const began: boolean[] = [];
    for (let kill = 0; kill < 20; kill += 1) {
      await using place = await createPlace();
      const identity = `killed-${process.pid}-${kill}`;
      const starter = spawn(
        process.execPath,
        ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", "--import", hook, program, place.work, identity],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      await once(starter.stdout, "data");
      // In turns: while the sandbox is set up, and after the program has begun.
      while (kill % 2 === 1 && !existsSync(join(place.work, "began"))) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      starter.kill("SIGKILL");
      await once(starter, "close");
      await vi.waitFor(async () => expect(await running(identity)).toEqual([]), { timeout: 5_000 });
      began.push(existsSync(join(place.work, "began")));
      // What never ran the program may stay until it is asked for: bubblewrap itself, before it looks for its parent.
      await sandbox.end(identity, 0);
      expect(await processesWithVariable(SANDBOX_MARKER, identity)).toEqual([]);
    }
    expect(began.filter(Boolean).length).toBeGreaterThanOrEqual(10);
    process.stdout.write(`  killed 20 starters, ${began.filter(Boolean).length} of them after the program had begun\n`);
  }, 60_000);

  it("H:S9 an inherited descriptor is not passed on, whatever its number", async () => {
    await using place = await createPlace();
    const secret = join(place.beside, "secret");
    await writeFile(secret, "the secret");
    const program = fileURLToPath(new URL("./inherits.fixture.ts", import.meta.url));
    const hook = new URL("../source-hook.ts", import.meta.url).href;
    const open = openSync(secret, "r");
    try {
      const stdio = ["ignore", "pipe", "inherit", ...Array.from({ length: 40 }, () => "ignore" as const), open] as const;
      const child = spawn(
        process.execPath,
        ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", "--import", hook, program, place.work],
        { stdio: [...stdio] },
      );
      let text = "";
      child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
      await once(child, "close");
      expect(JSON.parse(text)).toEqual({ outside: "the secret", inside: expect.not.stringContaining("secret") });
    } finally {
      closeSync(open);
    }
  });

  it("H:S9 the environment of the first process says nothing of the host", async () => {
    await using place = await createPlace();
    vi.stubEnv("MILLRACE_TEST_SECRET", "the secret");
    const command = place.command(`tr '\\0' '\\n' </proc/1/environ; echo --; env`);
    const { stdout } = await run(command).finally(() => vi.unstubAllEnvs());
    const [first = "", own = ""] = stdout.split("--\n");
    const names = (text: string): string[] =>
      text
        .trim()
        .split("\n")
        .map((line) => line.split("=")[0] ?? "")
        .toSorted();
    expect(names(first)).toEqual(expect.arrayContaining(["MILLRACE_SANDBOX", "PATH"]));
    expect(names(first).filter((name) => !["MILLRACE_SANDBOX", "PATH", "PWD", "OLDPWD", "_", "SHLVL"].includes(name))).toEqual([]);
    expect(names(own).filter((name) => !["_", "SHLVL", "OLDPWD"].includes(name))).toEqual(["HOME", "PATH", "PWD", "TMPDIR"]);
    expect(stdout).not.toContain("the secret");
  });

  it("H:S9 no process of the host is seen, and its environment is not read", async () => {
    await using place = await createPlace();
    const { stdout } = await run(
      place.command(`ls -d /proc/[0-9]* | wc -l; cat /proc/${process.pid}/environ 2>/dev/null | wc -c; ls /proc/1/root/root 2>&1`),
    );
    const [processes = "", bytes = ""] = stdout.split("\n");
    expect(Number(processes)).toBeLessThan(8);
    expect(Number(bytes)).toBe(0);
  });

  it("H:S15 neither the home, nor what is beside the work, nor a board is seen", async () => {
    await using place = await createPlace();
    await mkdir(join(place.beside, ".millrace"));
    await writeFile(join(place.beside, ".millrace", "config.json"), "{}");
    const there = `test -d "${place.work}" && echo work`;
    const script = `${there}; ls -A "${homedir()}" 2>/dev/null | head -1; ls "${place.beside}" 2>/dev/null; ls "${join(place.work, "..")}"; ls /etc/shadow /var /root/.ssh 2>/dev/null`;
    expect((await run(place.command(script))).stdout).toBe("work\nwork\n");
  });

  it("H:S15 a profile never shows the user's home, or what holds it", async () => {
    await using place = await createPlace();
    for (const path of [homedir(), "/"])
      await expect(sandbox.start(place.command("true", { visible: [path] }))).rejects.toMatchObject({ code: "validation" });
  });

  it("H:S12 a work folder that is read-only cannot be written, remounted or unmounted", async () => {
    await using place = await createPlace();
    await writeFile(join(place.work, "kept"), "kept");
    const script = `echo x >new; rm kept; mount -o remount,rw "${place.work}"; umount "${place.work}"; ls; echo ran`;
    const ran = await run(place.command(script, { work: { path: place.work, access: "read" } }));
    expect(ran.stdout).toBe("kept\nran\n");
    expect(await readFile(join(place.work, "kept"), "utf8")).toBe("kept");
  });

  it("what is visible cannot be written", async () => {
    await using place = await createPlace();
    const shown = join(place.beside, "shown");
    await writeFile(shown, "shown", { mode: 0o666 });
    await chmod(shown, 0o666);
    const ran = await run(place.command(`cat "${shown}"; echo x >"${shown}"; ls "${place.beside}"`, { visible: [shown] }));
    expect(ran.stdout).toBe("shownshown\n");
    expect(await readFile(shown, "utf8")).toBe("shown");
  });

  it("files of the work are never setuid root, and system settings cannot be written", async () => {
    await using place = await createPlace();
    const script = `cp /usr/bin/id stolen; chmod 6755 stolen; ls -l stolen; echo x >/proc/sys/kernel/core_pattern; echo c >/proc/sysrq-trigger; echo $?`;
    const ran = await run(place.command(script));
    expect(ran.stdout).toMatch(/^-rwsr-sr-x[^]*\n[1-9]\d*\n$/);
    expect(statSync(join(place.work, "stolen")).uid).not.toBe(0);
    expect(statSync(join(place.work, "stolen")).gid).not.toBe(0);
  });

  it("has no capabilities and gets none: not by a set-user-id program, not by a user namespace of its own", async () => {
    await using place = await createPlace();
    const ran = await run(
      place.command(`grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status; unshare --user --map-root-user id -u; echo $?`),
    );
    expect(ran.stdout).toMatch(/CapEff:\t0+\nCapBnd:\t0+\nNoNewPrivs:\t1\n[1-9]\d*\n/);
  });

  it("has no network but its own loopback, and no socket of the host without a path", async () => {
    await using place = await createPlace();
    const server = createServer((socket) => socket.end("reached"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const source = `const net = require("net"); for (const [name, at] of [["tcp", { port: ${port}, host: "127.0.0.1" }], ["far", { port: 53, host: "1.1.1.1" }]])
      net.connect(at).on("connect", () => console.log(name, "open")).on("error", (error) => console.log(name, error.code));`;
    const command = { ...place.command("", { visible: [process.execPath] }), argv: [process.execPath, "-e", source] as const };
    const { stdout } = await run(command);
    server.close();
    expect(stdout.trim().split("\n").toSorted()).toEqual(["far ENETUNREACH", "tcp ECONNREFUSED"]);
  });

  it("a door leads out, and nothing else does", async () => {
    await using place = await createPlace();
    const socket = join(place.beside, "model.sock");
    const server = createServer((connection) => connection.end("reached"));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const source = `require("net").connect("/run/millrace/model.sock").on("data", (data) => console.log(String(data))).on("error", (error) => console.log(error.code))`;
    const more = { visible: [process.execPath], doors: [{ socket, path: "/run/millrace/model.sock" }] };
    const { stdout } = await run({ ...place.command("", more), argv: [process.execPath, "-e", source] as const });
    server.close();
    expect(stdout).toBe("reached\n");
  });

  it.each(["/tmp", "/home/agent", "/dev/shm"])("%s is private and has a size", async (folder) => {
    await using place = await createPlace();
    const script = `for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do head -c 4194304 /dev/zero >${folder}/f$n || break; done 2>/dev/null; df -k --output=avail ${folder} | tail -1; ls ${folder} | wc -l`;
    const { stdout } = await run(
      place.command(script, {
        limits: { memoryBytes: 512 * 1024 * 1024, processes: 64, privateBytes: 16 * 1024 * 1024, fileBytes: 8 * 1024 * 1024 },
      }),
    );
    const [free = "", files = ""] = stdout.trim().split("\n");
    expect(Number(free)).toBe(0);
    expect(Number(files)).toBeGreaterThan(2);
    expect(existsSync(join(folder, "f1"))).toBe(false);
  });

  it("/dev and the root, file systems in memory, cannot be filled", async () => {
    await using place = await createPlace();
    const { stdout } = await run(
      place.command(`for place in / /dev /etc /home /run; do echo x 2>/dev/null >$place/filled && echo $place; done; echo ran`),
    );
    expect(stdout).toBe("ran\n");
  });

  it("a file has a largest size", async () => {
    await using place = await createPlace();
    const { stdout } = await run(place.command(`head -c 16777216 /dev/zero >big; stat -c %s big`));
    expect(stdout).toBe(`${8 * 1024 * 1024}\n`);
  });

  it(`processes have a limit (${limitsHere}): a fork bomb ends`, async () => {
    await using place = await createPlace();
    const limits = { ...place.command("").profile.limits, processes: 24 };
    const script = `n=0; while [ $n -lt 60 ]; do sleep 5 & n=$((n + 1)); done 2>/dev/null; echo not reached`;
    const { stdout } = await run(place.command(`( ${script} ); ls -d /proc/[0-9]* | wc -l`, { limits }));
    expect(stdout).not.toContain("not reached");
  });

  it(`memory has a limit (${limitsHere})`, async () => {
    await using place = await createPlace();
    const source = `const all = []; console.log("ran"); for (let mib = 0; mib < 1024; mib += 16) all.push(Buffer.alloc(16 * 1024 * 1024, 1)); console.log("not reached");`;
    const { stdout, code } = await run({
      ...place.command("", { visible: [process.execPath] }),
      argv: [process.execPath, "-e", source] as const,
    });
    expect(stdout).toBe("ran\n");
    expect(code).not.toBe(0);
  });
});

it.skipIf(noSandbox !== null)(
  "where no user namespace can be made, which is so inside a sandbox, it says what bubblewrap said, and a fix",
  async () => {
    await using place = await createPlace();
    const program = fileURLToPath(new URL("./examines.fixture.ts", import.meta.url));
    const hook = new URL("../source-hook.ts", import.meta.url).href;
    const node = [process.execPath, "--conditions=millrace-source", "--disable-warning=ExperimentalWarning", "--import", hook] as const;
    const { limits } = place.command("").profile;
    const visible = [process.execPath, entryFolder()];
    const { stdout } = await run({
      ...place.command("", { visible, limits: { ...limits, memoryBytes: 1024 * 1024 * 1024 } }),
      argv: [...node, program],
    });
    expect(JSON.parse(stdout)).toMatchObject({
      works: false,
      problem: expect.stringContaining("namespace"),
      fix: expect.any(String),
      limits: "none",
    });
  },
);

it("without the package the fix is the command that installs it", async () => {
  const { works, problem, fix } = await createBubblewrap({ path: "/nowhere" }).examine();
  expect(works).toBe(false);
  expect(problem).toContain("'bwrap'");
  expect(fix).toMatch(existsSync("/etc/debian_version") ? /apt-get install bubblewrap/ : /bubblewrap/);
});
