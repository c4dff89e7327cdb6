/** Checks that attack: an agent writes the command that judges its change, and the host runs it. */
import { openSandbox } from "@millrace/executors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHostileBoard, type Attacked, type HostileBoard } from "./attacks/hostile-board.fixture.js";

const { works, problem, fix } = await openSandbox("bubblewrap").examine();

describe.skipIf(!works)(`a check in a sandbox${works ? "" : ` (${problem}; ${fix})`}`, () => {
  let board: HostileBoard;
  let attacked: Attacked;
  let said: Readonly<Record<string, string>>;

  beforeAll(async () => {
    board = await openHostileBoard("bubblewrap");
    attacked = await board.attack("writes-check");
    said = await board.checked(attacked.run);
  }, 300_000);
  afterAll(() => board[Symbol.asyncDispose]());

  const gone = expect.stringMatching(/No such file or directory|nonexistent/);

  it("H:S15 sees neither the canary, nor the board, nor other jobs", () => {
    expect(said).toMatchObject({ canary: gone, overwrites: gone, board: gone, jobs: gone });
  });

  it("H:S15 finds no secret of the host", () => {
    expect(said).toMatchObject({ secret: "0" });
  });

  it("H:S15 has nothing to write its verdict into: not the repository, not beside its checkout", () => {
    expect(said["pushes"]).toMatch(/(?:fatal|error)[^]*\n0$/);
    // What is beside its checkout is there for the check alone, and gone with it.
    expect(said["verdict"]).toMatch(/(?:Directory nonexistent|Read-only|No such)/);
    expect(said["beside"]).toBe("checkout");
  });

  it("H:S4 leaves no process", async () => {
    expect(Number(said["leaves"])).toBeGreaterThanOrEqual(1);
    expect(Number(said["processes"])).toBeLessThan(15);
  });

  it("H:X15 a check and the network: nothing answers, near or far, by address, name or path", () => {
    expect(said).toMatchObject({ loopback: "ECONNREFUSED", far: "ENETUNREACH", abstract: "ECONNREFUSED", daemon: "ENOENT" });
  });

  it("H:X16 a check and the processes of the host: none can be signalled or traced", () => {
    expect(said).toMatchObject({ signal: "ESRCH", trace: "ESRCH" });
  });

  it("H:X17 a check and the machine: no hard link, no device, no clock, no terminal", () => {
    expect(said).toMatchObject({
      link: gone,
      device: expect.stringContaining("Operation not permitted"),
      clock: "EPERM",
      terminal: expect.stringMatching(/No such device|cannot open/),
    });
  });

  it("leaves everything as it was", async () => {
    expect(attacked.run.phase).toMatchObject({ is: "done" });
    expect(await board.touched()).toEqual([]);
  });
});
