/** How often the same may be tried: each limit is counted in the store, so that it holds over every process and start of a host. */
import type { Change } from "@millrace/kernel";

const MINUTE = 60_000;

/** Limits by what they count. */
const LIMITS = {
  /** Of one address from one place. */
  "sign-in": { max: 10, windowMs: 15 * MINUTE },
  /** Of all addresses from one place. */
  source: { max: 100, windowMs: 15 * MINUTE },
  /** Of the password of one user, by whoever has a session of it. */
  password: { max: 10, windowMs: 15 * MINUTE },
  /** Mails to one address. */
  mail: { max: 5, windowMs: 60 * MINUTE },
  /** Public calls that write, from one place. */
  public: { max: 60, windowMs: MINUTE },
} as const;

/** No window is longer, in ms. */
export const LONGEST_WINDOW_MS = 60 * MINUTE;

/** The change that counts an attempt at `at` (epoch ms), of what `parts` name. */
export function countAttempt(limit: keyof typeof LIMITS, parts: readonly string[], at: number): Change<"count-attempt"> {
  return { change: "count-attempt", counterKey: [limit, ...parts].join(" "), ...LIMITS[limit], at };
}

/** The change that takes it back. */
export function releaseAttempt({ counterKey }: Change<"count-attempt">): Change<"release-attempt"> {
  return { change: "release-attempt", counterKey };
}

/**
 * Place that attempts from an address count for: of IPv6 its first 64 bits, which one subscriber has all of; else the address itself.
 * Without an address: `local`.
 */
export function placeOfSource(address: string | undefined): string {
  if (address === undefined || address === "") return "local";
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  if (!plain.includes(":")) return plain.slice(0, 100);
  const [head = "", tail] = (plain.split("%")[0] ?? "").split("::");
  const groups = (text: string): readonly string[] => (text === "" ? [] : text.split(":"));
  const before = groups(head);
  const after = groups(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::`.slice(0, 100);
}
