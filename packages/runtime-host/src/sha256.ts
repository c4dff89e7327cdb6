import { hash } from "node:crypto";
import type { DigestText } from "@millrace/kernel";

/** `digestText` of the kernel without its trip to another thread. */
export const sha256: DigestText = (text) => hash("sha256", text);
