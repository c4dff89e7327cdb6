import { expect, it } from "vitest";
import { linkWith, readPublicUrl } from "./public-url.logic.js";

const off = { isOn: false };

it("links lead to the public address, and are null without one", () => {
  for (const text of ["https://mill.example/app", "https://mill.example/app/"])
    expect(linkWith(readPublicUrl(text, { isOn: true }), "invite", "a&b")).toBe("https://mill.example/app/invite?token=a%26b");
  expect(linkWith(readPublicUrl("http://127.0.0.1:8080", off), "invite", "t")).toBe("http://127.0.0.1:8080/invite?token=t");
  expect(linkWith(readPublicUrl(undefined, off), "invite", "t")).toBeNull();
});

it("an address that is none is refused, and none where mails are sent", () => {
  for (const text of ["mill.example", "file:///etc", "https://mill.example/?a=b", "https://mill.example/#x", "https://ann@mill.example/"])
    expect(() => readPublicUrl(text, off)).toThrow(expect.objectContaining({ code: "config_invalid" }));
  expect(() => readPublicUrl(undefined, { isOn: true })).toThrow(expect.objectContaining({ code: "config_invalid" }));
});
