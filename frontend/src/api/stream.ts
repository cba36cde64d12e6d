/** What the server says about a change; the page fetches what it shows again. */
export interface StreamChange {
  object: string;
  id: string;
  project: string | null;
}

/** What a page hears of the stream. */
export type Word =
  | { is: "open" | "lost" | "missed" }
  // Changes of one burst.
  | { is: "changed"; changes: StreamChange[] };

const STREAM = "/api/v1/stream";
/** How long after a refusal the stream is asked for again. */
export const REOPENING_MS = 10_000;
/** How long the first change of a burst waits for those that were announced with it. */
export const TOGETHER_MS = 10;
/** How often pages hear of a burst that goes on. */
export const BURST_MS = 250;
/** How long a stream is silent before it is dead: longer than two heartbeats of the server. */
export const SILENCE_MS = 35_000;
/** What a page says when it goes. */
export const GOODBYE = "goodbye";

/** The one stream of a browser, for as long as any page listens: a host has six connections. */
export class SharedStream {
  private readonly pages = new Set<MessagePort>();
  private source: EventSource | undefined;
  private pending: StreamChange[] = [];
  private flushedAt = 0;
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private reopening: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;

  /** Let a page hear; the first one opens the stream. */
  join(page: MessagePort): void {
    this.pages.add(page);
    page.onmessage = ({ data }) => {
      if (data === GOODBYE) this.leave(page);
    };
    if (this.source?.readyState === EventSource.OPEN) say(page, { is: "open" });
    // Whoever has come may have signed in since the stream was refused.
    if (!this.source || this.source.readyState === EventSource.CLOSED) this.open();
  }

  private leave(page: MessagePort): void {
    this.pages.delete(page);
    page.close();
    if (this.pages.size) return;
    this.source?.close();
    this.source = undefined;
    for (const timer of [this.gathering, this.reopening, this.silence]) clearTimeout(timer);
    this.gathering = undefined;
    this.pending = [];
  }

  private open(): void {
    clearTimeout(this.reopening);
    const source = new EventSource(STREAM);
    this.source = source;
    this.hear();
    source.onopen = () => {
      this.hear();
      this.tell({ is: "open" });
    };
    source.addEventListener("heartbeat", () => this.hear());
    source.addEventListener("resync", () => this.tell({ is: "missed" }));
    source.onmessage = ({ data }: MessageEvent<string>) => {
      this.hear();
      this.pending.push(JSON.parse(data) as StreamChange);
      this.gathering ??= setTimeout(() => this.flush(), this.rest());
    };
    source.onerror = () => {
      this.tell({ is: "lost" });
      // The browser reopens a cut stream by itself, and gives up on a refused one.
      if (source.readyState === EventSource.CLOSED)
        this.reopening = setTimeout(() => this.open(), REOPENING_MS);
    };
  }

  /** Note a sign of life; a machine that slept, or a server that hangs, closes no connection. */
  private hear(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.source?.close();
      this.tell({ is: "lost" });
      this.open();
    }, SILENCE_MS);
  }

  /** Return how long a change is kept back. */
  private rest(): number {
    const rest = this.flushedAt + BURST_MS - Date.now();
    // A clock may have been set back.
    return Math.min(Math.max(rest, TOGETHER_MS), BURST_MS);
  }

  private flush(): void {
    this.flushedAt = Date.now();
    const changes = this.pending;
    this.pending = [];
    this.gathering = undefined;
    this.tell({ is: "changed", changes });
  }

  private tell(word: Word): void {
    for (const page of this.pages) say(page, word);
  }
}

function say(page: MessagePort, word: Word): void {
  page.postMessage(word);
}
