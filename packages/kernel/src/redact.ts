/**
 * Redaction: secrets in texts are replaced before they are stored or sent.
 *
 * 1. Known are the values that the host holds (as they are, in base64, in a URL, inside a JSON string) and the shapes of common tokens.
 * 2. It is idempotent, and linear in the text: every shape begins where no earlier attempt has run on.
 * 3. Out of its reach: a secret that is split over several texts, encrypted, or spelt in another way. It keeps accidents out of the store;
 *    what keeps secrets from agents is that they cannot reach them.
 */

/** Replaces the secrets in a text. A text without one is returned as it is. */
export type Redact = (text: string) => string;

const MARK = "[redacted]";

/** Shortest value that is redacted, in characters: a shorter one occurs in any text. */
const MIN_CHARS = 8;

const SHAPES: readonly RegExp[] = [
  // The end may be cut off. A quote is no part of it, so that a line of JSON stays one.
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:[\w+/=\s\\:,.-]*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|[\w+/=\s\\:,.-]*)/,
  // GitHub
  /(?<![A-Za-z0-9])gh[opsur]_[A-Za-z0-9]{16,}/,
  /(?<![A-Za-z0-9_])github_pat_[A-Za-z0-9_]{20,}/,
  // Anthropic and OpenAI; a digit tells a key from hyphenated words.
  /(?<![A-Za-z0-9_-])sk-(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{20,}/,
  // Slack, AWS, Google, npm
  /(?<![A-Za-z0-9-])xox[a-z]-[A-Za-z0-9-]{10,}/,
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/,
  /(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}/,
  /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/,
  // JSON Web Tokens
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{8,}/,
  // Tokens of Millrace: of persons and machines, of runs, of sessions
  /(?<![A-Za-z0-9_-])mr[ts]?_[A-Za-z0-9]{6,}_[A-Za-z0-9_-]{20,}/,
];

/** How the shapes begin. Most texts hold none of it: this look costs a tenth of the search for the shapes themselves. */
const BEGINNING = /(?:gh[opsur]|github_pat|npm|mr[ts]?)_|sk-|xox|AKIA|ASIA|AIza|eyJ|-----B/;

/** Redacts the values that a host holds, of at least 8 characters, and the shapes of common tokens. */
export function createRedact(secrets: readonly string[] = []): Redact {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= MIN_CHARS).flatMap(formsOf))].toSorted(
    (a, b) => b.length - a.length,
  );
  const held = forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  const known = new RegExp([...held, ...SHAPES.map(({ source }) => source)].join("|"), "g");
  const suspect = new RegExp([...held, BEGINNING.source].join("|"));
  return (text) => (text.length >= MIN_CHARS && suspect.test(text) ? text.replace(known, MARK) : text);
}

/** The ways in which a value is written down. */
function formsOf(secret: string): readonly string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), ...base64Of(secret)];
}

/** In base64 a value reads in three ways, by its place among the bytes around it; only what no neighbour changes is looked for. */
function base64Of(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((before) => {
    const padded = new Uint8Array(before + bytes.length);
    padded.set(bytes, before);
    const all = btoa(Array.from(padded, (byte) => String.fromCharCode(byte)).join(""));
    const own = all.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** Members that name things: no text of an agent is in them, and a change would break what they name. */
const NAMES: ReadonlySet<string> = new Set([
  "id",
  "key",
  "change",
  "type",
  "is",
  "subject",
  "digest",
  "head",
  "base",
  "baseHead",
  "commit",
  "sealed",
]);

function isName(member: string): boolean {
  return NAMES.has(member) || member.endsWith("Id");
}

/**
 * The same value with every text redacted, at any depth. Names of things (ids, keys, digests, commits) stay, and so does every part of the
 * value without a secret: it is the same object.
 */
export function redactAll<T>(value: T, redact: Redact): T {
  return redacted(value, redact) as T;
}

function redacted(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const next = items.map((item) => redacted(item, redact));
    return next.every((item, at) => item === items[at]) ? value : next;
  }
  let changed: Record<string, unknown> | null = null;
  for (const [member, was] of Object.entries(value)) {
    if (isName(member)) continue;
    const now = redacted(was, redact);
    if (now !== was) changed = { ...(changed ?? value), [member]: now };
  }
  return changed ?? value;
}
