import { describe, expect, it } from "vitest";
import { lastAdmin, type Member } from "./membership";
import { inDays, type TokenState, tokenStateOf } from "./tokenState";

const NOW = Date.parse("2026-11-28T09:00:00Z");

function member(username: string, role: Member["role"]): Member {
  return { username, role, created_at: "" };
}

describe("the last admin", () => {
  it.each<[string, Member[], string | undefined]>([
    ["is the only one", [member("ada", "admin"), member("bo", "deployer")], "ada"],
    ["is nobody where there are two", [member("ada", "admin"), member("bo", "admin")], undefined],
    ["is nobody where there is none", [member("bo", "viewer")], undefined],
  ])("%s", (_, members, last) => expect(lastAdmin(members)).toBe(last));
});

describe("a token", () => {
  it.each<[TokenState, string | null, string | null]>([
    ["active", inDays(90, NOW), null],
    ["active", null, null],
    ["active", inDays(7, NOW), null],
    ["expiring", inDays(6.9, NOW), null],
    ["expired", inDays(0, NOW), null],
    ["expired", inDays(-1, NOW), null],
    ["revoked", inDays(90, NOW), inDays(-1, NOW)],
    ["revoked", inDays(-1, NOW), inDays(-2, NOW)],
  ])("is %s when it expires at %s and was revoked at %s", (state, expires_at, revoked_at) =>
    expect(tokenStateOf({ expires_at, revoked_at }, NOW)).toBe(state),
  );
});
