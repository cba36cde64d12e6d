import { useRef } from "react";
import { asProblem } from "./problem";

/** What a request is sent with so that the server knows a repetition. */
export type Repeatable = { "Idempotency-Key": string };

/** A key and the content that it was made for. */
interface Attempt {
  key: string;
  content: string;
}

/** Return whether it is unknown if a request was carried out: then a repeat has to be the same. */
export function isUnanswered(error: unknown): boolean {
  const { status } = asProblem(error);
  return status === 0 || status >= 500;
}

/**
 * Send a POST so that a double click or a try after a cut connection does nothing twice.
 *
 * A key belongs to one content, and a refusal is kept with its key for a day. So what was corrected,
 * or refused before, goes out under a new key; only what got no answer is repeated under its own.
 */
export function useRepeatable(): <T>(
  content: unknown,
  send: (headers: Repeatable) => Promise<T>,
) => Promise<T> {
  const attempt = useRef<Attempt | undefined>(undefined);
  return async (content, send) => {
    const text = JSON.stringify(content);
    if (attempt.current?.content !== text) {
      attempt.current = { key: crypto.randomUUID(), content: text };
    }
    try {
      const answer = await send({ "Idempotency-Key": attempt.current.key });
      attempt.current = undefined;
      return answer;
    } catch (error) {
      if (!isUnanswered(error)) attempt.current = undefined;
      throw error;
    }
  };
}
