import { unknownPosition } from "../store-errors.js";

/** Place of a row in a list that is ordered by age, then by id. */
export interface Position {
  /** Epoch ms. */
  readonly at: number;
  readonly id: string;
}

/** The position as text, for `Page.after`. It stays valid when the row is gone. */
export function positionOf({ createdAt, id }: { readonly createdAt: number; readonly id: string }): string {
  return `${createdAt}.${id}`;
}

/**
 * The position that a text says.
 * @throws MillraceError `validation` for any other text.
 */
export function readPosition(text: string): Position {
  const [, at, id] = /^(\d{1,15})\.(.{1,300})$/.exec(text) ?? [];
  if (at === undefined || id === undefined) throw unknownPosition(text);
  return { at: Number(at), id };
}
