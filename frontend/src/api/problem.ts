/** What the API answers instead of what was asked for (RFC 9457). */
export interface ProblemBody {
  title: string;
  status: number;
  detail: string;
  reason: string;
  errors?: { pointer: string; detail: string }[];
  details?: Record<string, unknown>;
  request_id?: string;
}

/** A refusal or a failure, with the server's own sentence. */
export class Problem extends Error {
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(body.detail || body.title);
    this.name = "Problem";
    this.body = body;
  }

  get status(): number {
    return this.body.status;
  }

  get reason(): string {
    return this.body.reason;
  }
}

/** Read a problem from an answer; a proxy's page or a cut connection becomes one too. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: Partial<ProblemBody> = (await response.json().catch(() => null)) ?? {};
  return new Problem({
    title: body.title ?? response.statusText,
    status: response.status,
    detail: body.detail ?? "",
    reason: body.reason ?? (response.status >= 500 ? "ServiceUnavailable" : "Invalid"),
    errors: body.errors ?? [],
    details: body.details ?? {},
    request_id: body.request_id ?? response.headers.get("X-Request-ID") ?? "",
  });
}

/** Return what to show of anything that was thrown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem({ title: "", status: 0, detail, reason: "Unreachable" });
}
