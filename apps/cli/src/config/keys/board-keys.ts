/** Settings whose home is the board: budgets, limits, models. */
import { retentionPolicySchema, workspaceSettingsSchema, type WorkspaceSettings } from "@millrace/contracts";
import { z } from "zod";
import { amountOf, money } from "../../views/money.logic.js";
import { limitText } from "../../views/settings-lines.logic.js";
import { NONE, oneText, valueOf, type ConfigKey } from "./config-key.js";

interface BoardKey<Value> extends Pick<ConfigKey, "key" | "about" | "values" | "rare"> {
  readonly schema: z.ZodType<Value>;
  get(settings: WorkspaceSettings): Value;
  set(settings: WorkspaceSettings, value: Value): WorkspaceSettings;
  text(value: Value): string;
}

function boardKey<Value>(spec: BoardKey<Value>): ConfigKey {
  const { key, about, values, rare = false } = spec;
  return {
    key,
    about,
    values,
    rare,
    read: ({ settings }) => spec.get(settings),
    show: ({ settings }) => spec.text(spec.get(settings)),
    async write({ runtime, project }, { settings }, words, by) {
      const value = valueOf(spec, spec.schema, oneText(words));
      const engine = await runtime.open();
      await engine.settings.put({ workspaceId: project.config.workspaceId, input: spec.set(settings, value), ...by });
    },
  };
}

const amountSchema = z.string().transform((text, context): number | null => {
  const micros = amountOf(text);
  if (micros !== undefined) return micros;
  context.addIssue("it is no amount of US dollars");
  return z.NEVER;
});
const reserveSchema = amountSchema
  .refine((micros) => micros !== null, "a reservation cannot be switched off")
  .transform((micros) => micros ?? 0);

function budgetKey(name: string, about: string, field: "monthlyMicros" | "taskMicros" | "runMicros"): ConfigKey {
  return boardKey({
    key: `budget.${name}`,
    about,
    values: `25, 2.50, $25 or "25 USD", or ${NONE}`,
    schema: amountSchema,
    get: ({ budget }) => budget[field],
    set: (settings, micros) => ({ ...settings, budget: { ...settings.budget, [field]: micros } }),
    text: money,
  });
}

function reserveKey(name: string, about: string, field: "reserveInlineMicros" | "reserveJobMicros"): ConfigKey {
  return boardKey({
    key: `budget.${name}`,
    about,
    values: "0.05 or $1",
    schema: reserveSchema,
    get: ({ budget }) => budget[field],
    set: (settings, micros) => ({ ...settings, budget: { ...settings.budget, [field]: micros } }),
    text: money,
  });
}

const limits = workspaceSettingsSchema.shape.taskLimit.unwrap();

/** `3`, `none`, or `feature=2,bug=1`, as a limit. */
const limitSchema = z.string().transform((text, context): WorkspaceSettings["taskLimit"] => {
  const byType = Object.fromEntries(
    text
      .split(",")
      .map((part) => part.split("="))
      .map(([type = "", max]) => [type.trim(), Number(max)]),
  );
  const wanted =
    text === NONE
      ? { mode: "off" }
      : text.includes("=")
        ? { mode: "per-type", perType: byType }
        : { mode: "shared", shared: Number(text || Number.NaN) };
  const parsed = limits.safeParse(wanted);
  if (parsed.success) return parsed.data;
  context.addIssue("a limit is a whole number from 1 to 1000");
  return z.NEVER;
});

const escalation = workspaceSettingsSchema.shape.escalationMinutes.unwrap();
const keptDays = retentionPolicySchema.shape.outputs.unwrap().unwrap();

export const boardKeys: readonly ConfigKey[] = [
  budgetKey("month", "what all runs may spend in a calendar month", "monthlyMicros"),
  budgetKey("task", "what one task may spend over all its runs", "taskMicros"),
  budgetKey("run", "what one run may spend", "runMicros"),
  reserveKey("reserve-call", "what is set aside before a call of a model", "reserveInlineMicros"),
  reserveKey("reserve-job", "what is set aside before an agent's job", "reserveJobMicros"),
  boardKey({
    key: "limit.tasks",
    about: "how many tasks of a service may run at a time",
    values: `a number, ${NONE}, or by type: feature=2,bug=1`,
    schema: limitSchema,
    get: ({ taskLimit }) => taskLimit,
    set: (settings, taskLimit) => ({ ...settings, taskLimit }),
    text: limitText,
  }),
  boardKey({
    key: "inbox.urgent-after",
    about: "minutes after which what waits for you becomes urgent",
    values: "whole minutes, 1 to 100000",
    schema: z.string().regex(/^\d+$/, "it is no whole number").transform(Number).pipe(escalation),
    get: ({ escalationMinutes }) => escalationMinutes,
    set: (settings, escalationMinutes) => ({ ...settings, escalationMinutes }),
    text: String,
  }),
  boardKey({
    key: "keep.days",
    about: "days that the details of a finished run are kept: events, outputs, usage, job folders",
    values: `whole days, 1 to 3650, or ${NONE}: for ever`,
    schema: z.union([
      z.literal(NONE).transform(() => null),
      z.string().regex(/^\d+$/, "it is no whole number").transform(Number).pipe(keptDays),
    ]),
    get: ({ retention }) => retention.outputs,
    set: (settings, days) => ({
      ...settings,
      retention: { ...settings.retention, events: days, outputs: days, transcripts: days, notifications: days, usage: days },
    }),
    text: (days) => (days === null ? NONE : String(days)),
  }),
];

/** One key for each agent kind: the model its agents use. */
export function modelKeys(kinds: readonly string[]): readonly ConfigKey[] {
  return kinds.map((kind) =>
    boardKey<string | null>({
      key: `models.${kind}`,
      about: `model of the ${kind}, for tasks that pin none`,
      values: `the name of a model, or ${NONE}`,
      rare: true,
      schema: z
        .string()
        .min(1)
        .max(200)
        .transform((text) => (text === NONE ? null : text)),
      get: ({ models }) => models[kind] ?? null,
      set(settings, model) {
        const { [kind]: _, ...others } = settings.models;
        return { ...settings, models: model === null ? others : { ...others, [kind]: model } };
      },
      text: (model) => model ?? NONE,
    }),
  );
}
