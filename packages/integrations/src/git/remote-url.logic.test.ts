import { describe, expect, it } from "vitest";
import { localPathOf, protocolOf, redactUrls } from "./remote-url.logic.js";
import { isInside, scopeFolder } from "./scope.logic.js";

describe("protocolOf", () => {
  it.each([
    ["/srv/a.git", "file"],
    ["file:///srv/a.git", "file"],
    ["https://example.org/a.git", "https"],
    ["ssh://git@example.org/a.git", "ssh"],
    ["git@example.org:a/b.git", "ssh"],
    ["http://127.0.0.1:3000/a.git", "http"],
  ])("%s is %s", (url, protocol) => expect(protocolOf(url)).toBe(protocol));

  it.each(["ext::sh -c x", "a@b::x", "relative/path", "http://example.org/a.git", "git://example.org/a", "--upload-pack=x", ""])(
    "refuses '%s'",
    (url) => expect(() => protocolOf(url)).toThrow(expect.objectContaining({ code: "config_invalid" })),
  );
});

describe("localPathOf", () => {
  it("is the path of a local remote only", () => {
    expect(localPathOf("file:///srv/my%20repo.git")).toBe("/srv/my repo.git");
    expect(localPathOf("https://example.org/a.git")).toBeNull();
  });
});

describe("redactUrls", () => {
  it("takes credentials and queries out, and leaves the rest", () => {
    expect(redactUrls("fatal: 'https://me:pw@example.org/a?token=t' and https://example.org/b failed")).toBe(
      "fatal: 'https://***@example.org/a?***' and https://example.org/b failed",
    );
  });
});

describe("scopeFolder", () => {
  it("normalises, and null is the whole repository", () => {
    expect(scopeFolder("./services/api/")).toBe("services/api");
    expect([scopeFolder(null), scopeFolder(""), scopeFolder(".")]).toEqual([null, null, null]);
  });

  it.each(["/etc", "a/../../b"])("refuses %s", (scope) =>
    expect(() => scopeFolder(scope)).toThrow(expect.objectContaining({ code: "path_outside" })),
  );

  it("knows what is inside", () => {
    expect(["a/b", "a", "a/", "ab/c", "b"].map((path) => isInside("a", path))).toEqual([true, true, true, false, false]);
  });
});
