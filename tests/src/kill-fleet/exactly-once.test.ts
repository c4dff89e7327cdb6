import { MillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { exactlyOnce, untilAvailable } from "./exactly-once.js";

const away = (outcome: "not-sent" | "unknown"): MillraceError => new MillraceError("unavailable", "it is away", { details: { outcome } });
const refused = new MillraceError("wait_closed", "it is answered");

/** A function that throws these errors in order, then returns the number of its calls. */
function failing(...errors: readonly unknown[]): () => Promise<number> {
  let calls = 0;
  return async () => {
    const error = errors[calls];
    calls += 1;
    if (error !== undefined) throw error;
    return calls;
  };
}

const notThere = async (): Promise<null> => null;
const unasked = async (): Promise<never> => {
  throw new Error("nothing was in doubt");
};

describe("over a database that comes and goes", () => {
  it("what certainly did not happen is done again, without a look", async () => {
    expect(await exactlyOnce({ unknown: 0 }, failing(away("not-sent"), new MillraceError("database_busy", "it is busy")), unasked)).toBe(3);
  });

  it("what may have happened is looked for, and done again only when it is not there", async () => {
    expect(await exactlyOnce({ unknown: 0 }, failing(away("unknown")), async () => 7)).toBe(7);
    const unknownOutcomes = { unknown: 0 };
    expect(await exactlyOnce(unknownOutcomes, failing(away("unknown")), notThere)).toBe(2);
    expect(unknownOutcomes).toEqual({ unknown: 1 });
  });

  it("what landed after the look is found when the next try is refused", async () => {
    let snapshots = 0;
    const find = async (): Promise<string | null> => ((snapshots += 1) === 1 ? null : "found");
    expect(await exactlyOnce<unknown>({ unknown: 0 }, failing(away("unknown"), refused), find)).toBe("found");
  });

  it("a refusal without a doubt, or of what is not there, is a refusal", async () => {
    await expect(exactlyOnce({ unknown: 0 }, failing(refused), unasked)).rejects.toBe(refused);
    await expect(exactlyOnce({ unknown: 0 }, failing(away("unknown"), refused), notThere)).rejects.toBe(refused);
  });

  it("a look that is interrupted is had again", async () => {
    const reset = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    const terminated = Object.assign(new Error("terminated"), { code: "57P01", severity: "FATAL" });
    expect(await exactlyOnce({ unknown: 0 }, failing(away("unknown")), failing(reset, terminated))).toBe(3);
    const syntax = Object.assign(new Error("syntax"), { code: "42601", severity: "ERROR" });
    await expect(untilAvailable(failing(syntax))).rejects.toBe(syntax);
  });
});
