/* Marks the page while the browser has no network: the connection to the server notices only half a minute later, and
   until then the page would say that it is live. `[data-offline]` is styled in asterism.css. */
(() => {
  const mark = () => document.documentElement.toggleAttribute("data-offline", !navigator.onLine);
  addEventListener("offline", mark);
  addEventListener("online", mark);
  mark();
})();
