import { useState } from "react";
import { asProblem } from "./problem";

/** A key for one intended POST: repeating it while no answer came does nothing twice. */
export interface Attempt {
  headers: { "Idempotency-Key": string };
  /** An answered refusal is kept under its key, so the next try needs another one. */
  onError: (error: unknown) => void;
}

export function useAttempt(): Attempt {
  const [key, setKey] = useState(() => crypto.randomUUID());
  return {
    headers: { "Idempotency-Key": key },
    onError: (error) => {
      const { status } = asProblem(error);
      if (status >= 400 && status < 500) setKey(crypto.randomUUID());
    },
  };
}
