/* Marks the page while its server cannot be reached because the browser has no network: the connection to the server
   notices only half a minute later, and until then the page would say that it is live. A server on this machine answers
   without any network, so it is asked. `[data-offline]` is styled in asterism.css. */
(() => {
  const mark = (away) => document.documentElement.toggleAttribute("data-offline", away && !navigator.onLine);
  const look = async () => {
    if (navigator.onLine) return mark(false);
    try {
      await fetch("/api/health/live", { cache: "no-store", signal: AbortSignal.timeout(2000) });
      mark(false);
    } catch {
      mark(true);
    }
  };
  addEventListener("offline", look);
  addEventListener("online", look);
  look();
})();
