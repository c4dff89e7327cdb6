import type { Line } from "../database.fixture.js";
import type { Machine } from "./machine.fixture.js";

/** The slot of a worker: its machine, and its line to the database. */
export interface Seat {
  readonly machine: Machine;
  readonly line: Line;
}
