import { defineAgentKind } from "@millrace/agents";
import { createTestHost } from "@millrace/testing";
import { expect, it } from "vitest";

it("an engine whose registrations do not fit together is never composed: every problem is in one error", async () => {
  const row = { intent: "", role: "" };
  const agentKinds = [
    defineAgentKind({ ...row, id: "auditor", step: "audit" }),
    defineAgentKind({ ...row, id: "license", step: "gate" }),
    defineAgentKind({ ...row, id: "security-review", step: "review", rework: "security-rework" }),
    defineAgentKind({ ...row, id: "mapper", step: "job", ingest: "ingest-map" }),
    defineAgentKind({ ...row, id: "grader", step: "companion", companionOf: ["writer"] }),
  ];
  await expect(createTestHost({ pipeline: { steps: [{ kind: "coder" }] }, options: { agentKinds } })).rejects.toMatchObject({
    code: "config_invalid",
    details: {
      problems: [
        { problem: "unknown-step-kind", where: "agent kind 'auditor'" },
        { problem: "unknown-gate", where: "agent kind 'license'" },
        { problem: "unknown-rework", where: "agent kind 'security-review'" },
        { problem: "unknown-effect", where: "agent kind 'mapper'" },
        { problem: "unknown-companion-target", where: "agent kind 'grader'" },
      ],
    },
  });
});
