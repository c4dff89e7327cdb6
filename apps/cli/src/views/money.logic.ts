/** Millionths of the price list's currency, US dollars, in one unit of it. */
const MICROS = 1_000_000;

/** An amount with its currency, that of the price list; `none` for no cap. */
export function money(micros: number | null): string {
  return micros === null ? "none" : `$${(micros / MICROS).toFixed(2)}`;
}

/** Millionths of an amount as people write it (`25`, `2.50`, `$25`, `25 USD`); null for `none`, undefined for anything else. */
export function amountOf(text: string): number | null | undefined {
  if (text === "none") return null;
  const digits = /^\$?\s*(?<amount>\d+(?:\.\d{1,6})?)(?:\s*USD)?$/i.exec(text.trim())?.groups?.["amount"];
  return digits === undefined ? undefined : Math.round(Number(digits) * MICROS);
}
