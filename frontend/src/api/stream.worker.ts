import { SharedStream } from "./stream";

const stream = new SharedStream();

// A page that has broken down says no goodbye; the browser ends this worker with its last page.
addEventListener("connect", (event) => {
  const [page] = (event as MessageEvent).ports;
  if (page) stream.join(page);
});
