/** The two-tenant rule, over the operation table: a new operation is tried without anybody remembering it. */
import { capabilityTable, roleSchema, type Operation, type OperationName } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import { ANONYMOUS, type Caller } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { createTwoTenants, everyOperation, idsOf, inputFor, isOfTenant, optionsFor, type TwoTenants } from "./two-tenants.fixture.js";

/** The code of the refusal, or the answer. */
async function tryCall({ host }: TwoTenants, name: OperationName, operation: Operation, caller: Caller, input: object) {
  try {
    return { code: null, said: JSON.stringify(await host.call(name, caller, input as never, optionsFor(operation))) ?? "" };
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return { code: error.code, said: JSON.stringify([error.message, error.details]) };
  }
}

describe.each(everyOperation.filter(([, operation]) => isOfTenant(operation)))("%s", (name, operation) => {
  it("G-01 tells somebody outside nothing but that it is not there, and writes nothing", async () => {
    const both = await createTwoTenants();
    const before = await both.contents(both.a);
    const answer = await tryCall(both, name, operation, both.b.caller("owner"), inputFor(operation, both.a.ids));
    expect(answer.code).toBe("not_found");
    const missing = await tryCall(both, name, operation, both.b.caller("owner"), {
      ...inputFor(operation, both.a.ids),
      ...(operation.path.startsWith("/workspaces") ? { workspaceId: "ws_none" } : { accountId: "acc_none" }),
    });
    expect(missing.said.replaceAll(/ws_none|acc_none/g, "")).toBe(
      answer.said.replaceAll(both.a.ids["workspaceId"] ?? "", "").replaceAll(both.a.ids["accountId"] ?? "", ""),
    );
    expect(await both.contents(both.a)).toBe(before);
  });

  it("G-03 accepts no id of the other tenant, and shows nothing of it", async () => {
    const both = await createTwoTenants();
    const [first] = idsOf(operation);
    for (const foreign of idsOf(operation).filter((each) => each !== first && both.b.ids[each] !== undefined)) {
      const before = [await both.contents(both.a), await both.contents(both.b)];
      const input = inputFor(operation, both.a.ids, { [foreign]: both.b.ids[foreign] ?? "" });
      const answer = await tryCall(both, name, operation, both.a.caller("owner"), input);
      // What is not there is removed already (G-09).
      const code = operation.method === "DELETE" ? (answer.code ?? "not_found") : answer.code;
      expect([foreign, code]).toEqual([foreign, expect.stringMatching(/^(?:not_found|validation)$/)]);
      expect([await both.contents(both.a), await both.contents(both.b)]).toEqual(before);
    }
  });

  it("G-02 lets only the roles through that have its capability, and says which it is", async () => {
    for (const role of roleSchema.options) {
      const both = await createTwoTenants();
      const before = await both.contents(both.a);
      const answer = await tryCall(both, name, operation, both.a.caller(role), inputFor(operation, both.a.ids));
      const { capability } = operation;
      const mayCall = capability === "public" || capability === "self" || capabilityTable[capability].roles.includes(role);
      expect([role, answer.code === "forbidden" && answer.said.includes(capability)]).toEqual([role, !mayCall]);
      expect(mayCall || (await both.contents(both.a)) === before).toBe(true);
    }
  });
});

describe.each(everyOperation.filter(([, { capability }]) => capability !== "public"))("%s", (name, operation) => {
  it("G-02 is not for a caller who proved nothing", async () => {
    const both = await createTwoTenants();
    expect((await tryCall(both, name, operation, ANONYMOUS, inputFor(operation, both.a.ids))).code).toBe("unauthenticated");
  });
});
