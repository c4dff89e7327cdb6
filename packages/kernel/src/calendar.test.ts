import { describe, expect, it } from "vitest";
import { isoTime, monthOf, nextMonth } from "./calendar.logic.js";

describe("calendar", () => {
  it.each([
    [Date.UTC(2026, 0, 1), "2026-01", Date.UTC(2026, 1, 1)],
    [Date.UTC(2026, 0, 31, 23, 59, 59, 999), "2026-01", Date.UTC(2026, 1, 1)],
    [Date.UTC(2026, 11, 31), "2026-12", Date.UTC(2027, 0, 1)],
    [Date.UTC(2028, 1, 29, 12), "2028-02", Date.UTC(2028, 2, 1)],
  ])("knows months: %d", (at, month, next) => {
    expect(monthOf(at)).toBe(month);
    expect(nextMonth(at)).toBe(next);
    expect(monthOf(nextMonth(at) - 1)).toBe(month);
  });

  it("writes times in UTC", () => {
    expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
  });
});
