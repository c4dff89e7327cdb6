import { expect, it } from "vitest";
import { placeOfSource } from "./attempt-limits.logic.js";

it.each([
  [undefined, "local"],
  ["", "local"],
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"],
  ["2001:0DB8:0001:0002::9", "2001:db8:1:2::"],
  ["2001:db8::1", "2001:db8:0:0::"],
  ["::1", "0:0:0:0::"],
  ["fe80::1%eth0", "fe80:0:0:0::"],
])("AUT-03 attempts from %s count for %s", (address, place) => {
  expect(placeOfSource(address)).toBe(place);
});
