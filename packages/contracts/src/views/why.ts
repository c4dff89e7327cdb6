/**
 * @packageDocumentation The one sentence that says why a run is where it is. Pure and without dependencies, so that a page can load it
 * without the schemas.
 */
import type { RunReason } from "./run-reason.schema.js";

export type { RunReason } from "./run-reason.schema.js";

/** Longest sentence, in characters. What a person or an agent wrote is cut to make it fit. */
const MAX_CHARS = 120;
/** Characters of a commit or a digest in a sentence. */
const SHA_CHARS = 7;
/** People named before the others are counted. */
const MAX_NAMES = 3;

/** Rendering options of a sentence. */
export interface WhyOptions {
  /** Offset of the reader's time zone from UTC in minutes, east positive. Default: 0. */
  readonly utcOffsetMinutes?: number;
}

/**
 * The sentence of a reason at the moment `now` (epoch ms): present tense, the actor first, one line of at most 120 characters. Commits and
 * digests have 7 characters; elapsed times are rounded down, times to come are rounded up. Total: every code has its sentence.
 */
export function why(reason: RunReason, now: number, { utcOffsetMinutes = 0 }: WhyOptions = {}): string {
  return fit`${flexible(render(reason, { elapsed: elapsed(now - reason.since), now, utcOffsetMinutes }))}`;
}

type Values = { readonly [R in RunReason as R["code"]]: R["values"] };
type Code = keyof Values;
/** Ties the values to their code for one code or several, which a plain union does not. */
type ReasonOf<C extends Code> = { [K in C]: { readonly code: K; readonly values: Values[K] } }[C];

interface Moment {
  /** Time since the reason began: `2 h 14 min`. */
  readonly elapsed: string;
  readonly now: number;
  readonly utcOffsetMinutes: number;
}

function render<C extends Code>({ code, values }: ReasonOf<C>, moment: Moment): string {
  return SENTENCES[code](values, moment);
}

const SENTENCES: { readonly [C in Code]: (values: Values[C], moment: Moment) => string } = {
  "approve-head": ({ head, ...asked }, { elapsed: waited }) => approval(asked, `head ${short(head)}`, waited),
  "approve-output": ({ what, subject, ...asked }, { elapsed: waited }) =>
    approval(asked, `the ${what}${subject === null ? "" : ` ${short(subject)}`}`, waited),
  "answer-question": ({ people, kind }, { elapsed: waited }) =>
    people.length === 0
      ? `Waiting ${waited} for an answer to the ${kind}'s question.`
      : `Waiting ${waited} for ${either(people)} to answer the ${kind}'s question.`,
  "answer-findings": ({ people, open, high }, { elapsed: waited }) => {
    const findings = open === null ? "the findings" : `${counted(open, "finding")}${high === 0 ? "" : ` (${high} high)`}`;
    if (people.length > 0)
      return `Waiting ${waited} for ${either(people)} to ${open === 0 ? "fold the answers in" : `reply to ${findings}`}.`;
    return `Waiting ${waited} for ${open === 0 ? "the answers to be folded in" : `replies to ${findings}`}.`;
  },
  "decide-cap": ({ people, kind, rating, bar, used, allowed }) => {
    const who = people.length === 0 ? "a person" : either(people);
    if (rating === null || bar === null) return `Waiting for ${who}: ${kind} still has findings after ${used} of ${allowed} rounds.`;
    return `Waiting for ${who}: ${kind} rates ${rating} (bar ${bar}) after ${used} of ${allowed} reworks.`;
  },
  "answer-wait": ({ people, question }, { elapsed: waited }) =>
    fit`Waiting ${waited} for ${people.length === 0 ? "a person" : either(people)} to answer: ${flexible(bare(question))}.`,
  "at-work": ({ kind, progress }) =>
    progress === null ? `${kind} at work.` : `${kind} at work, ${progress.done} of ${counted(progress.total, "subtask")} done.`,
  silent: ({ kind, endsAfterMs }, { elapsed: silent }) =>
    `${kind} at work, no sign of life for ${silent}${endsAfterMs === null ? "" : `; its job ends at ${elapsed(endsAfterMs)}`}.`,
  repairing: ({ gate, head, failing, because, helper, attempt, allowed }) =>
    fit`${label(gate)} red on ${short(head)}: ${flexible(failing.length === 0 ? because : `${all(failing)} failed`)}; ${helper} at work, attempt ${attempt} of ${allowed}.`,
  "checks-pending": ({ gate, head, running, total, nextAt }, { now }) =>
    fit`${label(gate)} pending on ${short(head)}: ${running.length} of ${counted(total, "check")} still ${running.length === 1 ? "runs" : "run"} (${flexible(running.join(", "))})${nextAt === null ? "" : `, next look in ${remaining(nextAt - now)}`}.`,
  "checks-unknown": ({ gate, head, because, nextAt }, { now }) => {
    const again = nextAt === null ? "" : `; looking again in ${remaining(nextAt - now)}`;
    if (because === null) return `No check is registered for ${short(head)} yet${again}.`;
    return fit`${label(gate)} unknown on ${short(head)}: ${flexible(because)}${again}.`;
  },
  "behind-base": ({ branch, base }) => `The branch is behind ${branch}${base === null ? "" : ` ${short(base)}`}; bringing it up to date.`,
  "sent-back": ({ to, by, rating, bar, because }) => {
    const grade = rating === null || bar === null ? "" : ` (${rating} of ${bar})`;
    const told = bare(because) === "" ? "" : `: ${bare(because)}`;
    return fit`Sent back to ${to}${by === null ? "" : ` by ${by}`}${grade}${flexible(told)}.`;
  },
  "paused-budget": ({ scope, capMicros, leftMicros, reserveMicros }) =>
    `Paused: the ${scope}'s cap of ${money(capMicros)} leaves ${money(leftMicros)}; its next job reserves ${money(reserveMicros)}.`,
  "paused-limit": ({ because, until }, moment) => {
    const what = because === "quota" ? "the provider's usage window" : "the service's request limit";
    return until === null
      ? `Paused: ${what} is used up; a person resumes it.`
      : `Paused until ${clock(until, moment)}: ${what} is used up.`;
  },
  "paused-outage": ({ message, until }, { now }) =>
    fit`Paused: ${flexible(bare(message))}; ${until === null ? "a person resumes it" : `trying again in ${remaining(until - now)}`}.`,
  paused: ({ message }) => fit`Paused: ${flexible(bare(message))}.`,
  "task-limit": ({ service, live, max }) => fit`Not started: ${flexible(service)} has ${live} of ${counted(max, "live task")}.`,
  merging: ({ head, branch }) => `Merging ${short(head)} into ${branch}.`,
  "merge-sent": ({ head, ahead }) => `Merge of ${short(head)} is in the queue${ahead === null ? "" : `, ${ahead} before it`}.`,
  "in-line": ({ branch, ahead }) =>
    ahead === null
      ? `In line to land on ${branch}.`
      : ahead === 0
        ? `First in line for ${branch}.`
        : `${ordinal(ahead + 1)} in line for ${branch}: ${counted(ahead, "change")} before it.`,
  stopping: ({ kind }, { elapsed: waited }) =>
    `Stopping for ${waited}${kind === null ? "" : `: waiting to see the ${kind}'s processes gone`}.`,
  "gate-exhausted": ({ gate, head, used, allowed }) =>
    `${label(gate)} stayed red on ${short(head)} after ${used} of ${counted(allowed, "repair")}. Nobody is at work.`,
  failed: ({ message }) => fit`${flexible(capital(bare(message)))}. Nobody is at work.`,
  cancelled: ({ by, reason }) => fit`Cancelled by ${by}${flexible(bare(reason) === "" ? "" : `: ${bare(reason)}`)}.`,
  finished: () => "Finished, not merged: its pipeline has no merger.",
  merged: ({ head, branch, commit, approvedBy, automatic }) => {
    const what = head === null ? "" : ` ${short(head)}`;
    const how = approvedBy.length > 0 ? `, approved by ${all(approvedBy)}` : automatic ? ", within the merge thresholds" : "";
    return `Merged${what} into ${branch} as ${short(commit)}${how}.`;
  },
  "not-driven": (_values, { elapsed: waited }) => `Due for ${waited} and not taken up: no worker is running. Start one: \`millrace work\`.`,
  step: ({ kind, doing }) => fit`${kind}: ${flexible(bare(doing))}.`,
};

function approval(
  { people, approvers, approvedBy }: Pick<Values["approve-head"], "people" | "approvers" | "approvedBy">,
  subject: string,
  waited: string,
): string {
  if (people.length > 0) return `Waiting ${waited} for ${either(people)} to approve ${subject}.`;
  const missing = approvers === 1 ? "an approval" : `${approvers - approvedBy.length} of ${approvers} approvals`;
  return `Waiting ${waited} for ${missing} of ${subject}${approvedBy.length === 0 ? "" : `; ${all(approvedBy)} approved`}.`;
}

/** A part of a sentence that gives way when the whole is too long. */
interface Flexible {
  readonly flexible: string;
}

function flexible(text: string): Flexible {
  return { flexible: text.replace(/\p{Cc}+/gu, " ").replace(/\s+/g, " ") };
}

/** Joins the parts, and cuts the flexible one so that the sentence fits. */
function fit(texts: TemplateStringsArray, ...parts: readonly (string | number | Flexible)[]): string {
  const fixed = texts.join("").length + parts.reduce<number>((sum, part) => sum + (isFlexible(part) ? 0 : String(part).length), 0);
  const shown = parts.map((part) => (isFlexible(part) ? cut(part.flexible, Math.max(1, MAX_CHARS - fixed)) : String(part)));
  return texts.reduce((sentence, text, index) => `${sentence}${shown[index - 1] ?? ""}${text}`);
}

function isFlexible(part: string | number | Flexible): part is Flexible {
  return typeof part === "object";
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1).trimEnd()}…`;
}

/** Without the full stop that the sentence brings itself. */
function bare(text: string): string {
  return text.trim().replace(/[.!?\s]+$/, "");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Gates are named by their step kind: short names are acronyms (`ci`), others are words (`conflicts`). */
function label(gate: string): string {
  return gate.length <= 3 ? gate.toUpperCase() : capital(gate);
}

function short(sha: string): string {
  return sha.slice(0, SHA_CHARS);
}

const ORDINALS = ["First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth"];

/** `Third`; from eleven on `Number 11`. */
function ordinal(position: number): string {
  return ORDINALS[position - 1] ?? `Number ${position}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `ada or grace`. */
function either(names: readonly string[]): string {
  return list(names, "or");
}

/** `ada and grace`. */
function all(names: readonly string[]): string {
  return list(names, "and");
}

function list(names: readonly string[], word: string): string {
  const hidden = names.length - MAX_NAMES;
  const shown = hidden > 0 ? [...names.slice(0, MAX_NAMES - 1), counted(hidden + 1, "other")] : names;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} ${word} ${shown.at(-1) ?? ""}`;
}

function money(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(2)}`;
}

/** `6 s`, `12 min`, `2 h 14 min`, `3 d 2 h`: rounded down. */
function elapsed(ms: number): string {
  return span(Math.floor(Math.max(0, ms) / 1000));
}

/** The same, rounded up: what is still to come is never said to be over. */
function remaining(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / 1000);
  return span(seconds < 60 ? seconds : Math.ceil(seconds / 60) * 60);
}

function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, "h", minutes % 60, "min");
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

function pair(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}

const DAY_MINUTES = 24 * 60;

/** `18:30` on the reader's clock; with the days that lie between when it is more than a day away. */
function clock(at: number, { now, utcOffsetMinutes }: Moment): string {
  const minutes = Math.floor(at / 60_000) + utcOffsetMinutes;
  const ofDay = minutes % DAY_MINUTES;
  const time = [Math.floor(ofDay / 60), ofDay % 60].map((part) => String(part).padStart(2, "0")).join(":");
  const away = Math.floor((at - now) / 60_000);
  if (away < DAY_MINUTES) return time;
  const today = Math.floor((Math.floor(now / 60_000) + utcOffsetMinutes) / DAY_MINUTES);
  return `${time} in ${counted(Math.floor(minutes / DAY_MINUTES) - today, "day")}`;
}
