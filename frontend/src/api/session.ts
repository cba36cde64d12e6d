import { csrfToken } from "./client";
import { Problem, problemOf } from "./problem";

const BASE = "/_allauth/browser/v1";

async function call(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${BASE}/${path}`, {
    method,
    headers: {
      "Accept-Language": document.documentElement.lang,
      "Content-Type": "application/json",
      "X-CSRFToken": csrfToken(),
    },
    body: body && JSON.stringify(body),
  });
}

interface Refusal {
  errors?: { message: string; code: string; param?: string }[];
}

/** Open a session; the cookie stays with the browser. */
export async function signIn(username: string, password: string): Promise<void> {
  // Asking for anything first is what sets the CSRF cookie.
  await call("GET", "config");
  const response = await call("POST", "auth/login", { username, password });
  if (response.ok || response.status === 409) return;
  if (response.status !== 400) throw await problemOf(response);
  const { errors = [] }: Refusal = await response.json().catch(() => ({}));
  throw new Problem({
    title: "",
    status: 400,
    detail: errors.map((error) => error.message).join(" "),
    reason: "SignInRefused",
  });
}

/** End the session. allauth answers 401 to say that nobody is signed in any more. */
export async function signOut(): Promise<void> {
  await call("DELETE", "auth/session");
}
