import type { TokenUsage } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { settlement, type UsedCall } from "./usage.logic.js";

const run = { id: "run_1", workspaceId: "ws_1", blockId: "blk_1" };
const call: UsedCall = { key: "run_1/0/1/work.1", kind: "coder", model: "labelled" };
const none = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
const usage = (patch: Partial<TokenUsage>): TokenUsage => ({ model: "used", tokens: none, costMicros: 0, ...patch });
const row = (used: TokenUsage | null, of: UsedCall = call) => {
  const [change, ...more] = settlement(run, of, used, 1000);
  expect(more).toEqual([]);
  return change?.change === "record-usage" ? change.usage : null;
};

describe("what is settled for a call (I15)", () => {
  it("a call that was made is settled, also when its price or its tokens are not known", () => {
    expect(row(usage({ costMicros: 5 }))).toMatchObject({ costMicros: 5, tokens: none });
    expect(row(usage({ costMicros: null }))).toMatchObject({ costMicros: null });
    expect(row(usage({ tokens: null }))).toMatchObject({ costMicros: 0, tokens: null });
    expect(row(usage({ tokens: { ...none, outputTokens: 1 } }))).toMatchObject({ costMicros: 0, tokens: { outputTokens: 1 } });
    expect(row(null)).toEqual({ ...row(usage({ costMicros: 5 })), model: "labelled", tokens: null, costMicros: null });
  });

  it("only one that cost nothing and used nothing was not made", () => {
    expect(row(usage({}))).toBeNull();
  });

  it("names the model that was used, else the one it was asked with, else says that it is not known", () => {
    expect(row(usage({ costMicros: 5 }))?.model).toBe("used");
    expect(row(null)?.model).toBe("labelled");
    expect(row(null, { ...call, model: null })?.model).toBe("unknown");
  });

  it("each call inside of a job is settled under a key of its own", () => {
    expect(row(usage({ costMicros: 5 }))?.key).toBe("run_1/0/1/work.1");
    expect(row(usage({ costMicros: 5, call: "3" }))?.key).toBe("run_1/0/1/work.1#3");
  });
});
