import { fragmentSchema, type Fragment } from "@millrace/contracts";

const rows: readonly (Pick<Fragment, "id" | "title" | "summary" | "body"> & { readonly kinds: readonly string[] })[] = [
  {
    id: "acceptance-scenarios",
    title: "Acceptance scenarios",
    summary: "Scenarios in Given, When, Then, one behaviour each",
    body: "Write each acceptance scenario as Given, When, Then. One behaviour a scenario, in the words of its users, with concrete values. Say what must not happen as well.",
    kinds: ["spec-writer", "tester"],
  },
  {
    id: "acceptance-backend-tests",
    title: "Backend acceptance tests",
    summary: "Test through the public interface, against real dependencies",
    body: "Test a service through its public interface. Use its real database and stubs of third parties only. Each test makes its own data, and none relies on the order of others.",
    kinds: ["coder", "tester", "playwright"],
  },
  {
    id: "playwright-e2e",
    title: "End-to-end tests in the browser",
    summary: "Find elements by role and label, wait for what is seen",
    body: "Find elements by their role, label or text, never by a class. Wait for what a person would see, never for a time. Keep each test independent of the state that another one left.",
    kinds: ["playwright"],
  },
  {
    id: "node-best-practices",
    title: "Node.js practices",
    summary: "Errors, input and shutdown of a Node.js service",
    body: "Validate input at the edge. Let every promise be awaited or handled. Give each outside call a time limit. Close servers and connections on SIGTERM. Read configuration once, at the start, and refuse a wrong one.",
    kinds: ["coder", "reviewer"],
  },
  {
    id: "node-performance",
    title: "Node.js performance",
    summary: "Keep the event loop free, bound what is held in memory",
    body: "Do no long synchronous work on the event loop. Stream what may be large. Bound every cache, queue and batch. Measure before and after a change that is meant to be faster, and say the numbers.",
    kinds: ["coder", "reviewer"],
  },
  {
    id: "react-state-management",
    title: "State in React",
    summary: "Derive what can be derived, keep state where it is used",
    body: "Keep state in the component that uses it, and lift it only when another one needs it. Derive values during rendering instead of copying them into state. Use effects to talk to the outside, not to compute.",
    kinds: ["coder", "reviewer"],
  },
];

/** The fragments that Millrace ships, by id. */
export const builtInFragments: readonly Fragment[] = rows
  .map(({ kinds, ...row }) => fragmentSchema.parse({ ...row, version: 1, appliesTo: { agentKinds: [...kinds] } }))
  .toSorted((a, b) => (a.id < b.id ? -1 : 1));
