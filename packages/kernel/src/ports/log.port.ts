/** Structured log of things a run does not record: best-effort work that failed, errors outside any run. Never a secret. */
export interface Log {
  info(event: string, fields: Readonly<Record<string, string | number | boolean | null>>): void;
  warn(event: string, fields: Readonly<Record<string, string | number | boolean | null>>): void;
}
