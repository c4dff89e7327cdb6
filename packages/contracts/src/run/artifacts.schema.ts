import { z } from "zod";
import { unitSchema } from "../shared/scalars.schema.js";

const name = z.string().trim().min(1).max(120);
const summary = z.string().max(2000).default("");
const references = z.array(z.string().min(1).max(400)).max(40).default([]);

/** A tester's report. `greenlight` is the tester's opinion; a failed check or a blocking concern overrules it. */
export const testReportSchema = z.object({
  greenlight: z.boolean(),
  summary: z.string().max(8000),
  tested: z.array(z.string().max(500)).max(200).default([]),
  outcomes: z
    .array(
      z.object({ name: z.string().max(300), status: z.enum(["passed", "failed", "skipped"]), detail: z.string().max(4000).optional() }),
    )
    .max(500)
    .default([]),
  concerns: z
    .array(
      z.object({
        title: z.string().min(1).max(300),
        detail: z.string().max(4000),
        severity: z.enum(["low", "medium", "high", "critical"]),
      }),
    )
    .max(100)
    .default([]),
  environment: z.enum(["local", "ephemeral"]).optional(),
  /** Why nothing could be tested, e.g. because the environment is down. Default: empty, it was tested. */
  couldNotTest: z.string().max(2000).default(""),
});
/** A tester's answer, defaults filled in. Its greenlight is a claim: a failed check and a concern that blocks outweigh it. */
export type TestReport = z.infer<typeof testReportSchema>;

/** Opinion of an on-call agent about a regression. It never reverts anything. */
export const onCallAssessmentSchema = z.object({
  /** Confidence that the merged change caused the regression, 0 to 1. */
  culpritConfidence: unitSchema,
  recommendation: z.enum(["revert", "hold", "monitor"]),
  rationale: z.string().max(8000),
  evidence: z.array(z.string().max(2000)).max(50).default([]),
});
/** An on-call agent's answer. `culpritConfidence` is 0 to 1; people decide about the recommendation. */
export type OnCallAssessment = z.infer<typeof onCallAssessmentSchema>;

/** A service mapped to its modules, each with the paths it lives in. */
export const blueprintSchema = z.object({
  type: z.string().max(60).default("service"),
  name,
  summary,
  references,
  modules: z.array(z.object({ name, summary, references })).max(40).default([]),
});
/** A service map: up to 40 modules, each with up to 40 repository paths that belong to it. */
export type Blueprint = z.infer<typeof blueprintSchema>;

/** A service's specification. The then-clause of a scenario is `outcome`. */
export const specificationSchema = z.object({
  service: name,
  summary,
  groups: z
    .array(
      z.object({
        name,
        summary,
        requirements: z
          .array(
            z.object({
              id: z.string().min(1).max(200),
              title: name,
              statement: z.string().min(1).max(4000),
              kind: z.enum(["functional", "nonfunctional", "constraint"]),
              priority: z.enum(["must", "should", "could"]),
              acceptance: z
                .array(
                  z.object({
                    id: z.string().min(1).max(200),
                    given: z.string().max(2000),
                    when: z.string().max(2000),
                    outcome: z.string().max(2000),
                  }),
                )
                .max(100)
                .default([]),
            }),
          )
          .max(500)
          .default([]),
      }),
    )
    .max(100)
    .default([]),
  rules: z
    .array(z.object({ id: z.string().min(1).max(200), rule: z.string().min(1).max(4000), rationale: z.string().max(4000).default("") }))
    .max(500)
    .default([]),
});
/** A service's requirements by group, each with given/when/outcome scenarios, and the rules they share. */
export type Specification = z.infer<typeof specificationSchema>;

/** An estimator's answer. Each axis 0 to 1; values outside are clamped. */
export const estimateAnswerSchema = z.object({
  complexity: z.number(),
  risk: z.number(),
  impact: z.number(),
  rationale: z.string().max(8000).default(""),
});

/** Answer of a reviewer of requirements or of a bug report: a list whose fields may be missing. The engine makes findings of it. */
export const reviewAnswerSchema = z.object({
  items: z
    .array(
      z.object({
        category: z.string().optional(),
        severity: z.string().optional(),
        title: z.string().optional(),
        detail: z.string().optional(),
        question: z.string().optional(),
      }),
    )
    .max(200),
});
/** A reviewer's raw answer, before `coerceFindings` fills in what is missing. */
export type ReviewAnswer = z.infer<typeof reviewAnswerSchema>;
