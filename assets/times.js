/* <relative-time datetime="2026-11-22T12:00:00Z">: says "3 min ago", keeps itself right, and shows the exact moment on
   hover. The text lives in a shadow root, so React never meets nodes that it did not make.
   With data-clock it says "14:02, in 6 min"; with data-fixed the time of day at which it came onto the page. */
(() => {
  if (customElements.get("relative-time")) return;

  const MINUTE = 60, HOUR = 3600, DAY = 86400;
  const living = new Set();
  let clock = 0;

  const timeOfDay = (moment) => moment.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });

  function words(moment) {
    const seconds = (Date.now() - moment.getTime()) / 1000;
    const size = Math.abs(seconds);
    if (size < 45) return seconds < 0 ? "in a moment" : "just now";
    if (size > 30 * DAY) return moment.toLocaleDateString(undefined, { dateStyle: "medium" });
    const [amount, unit] =
      size < 45 * MINUTE ? [size / MINUTE, "min"] : size < 22 * HOUR ? [size / HOUR, "h"] : [size / DAY, "d"];
    const count = Math.max(1, Math.round(amount));
    return seconds < 0 ? `in ${count} ${unit}` : `${count} ${unit} ago`;
  }

  class RelativeTime extends HTMLElement {
    static observedAttributes = ["datetime"];

    constructor() {
      super();
      this.attachShadow({ mode: "open" });
    }

    connectedCallback() {
      living.add(this);
      clock ||= setInterval(() => living.forEach((element) => element.show()), 15_000);
      this.show();
    }

    disconnectedCallback() {
      living.delete(this);
    }

    attributeChangedCallback() {
      this.show();
    }

    show() {
      if ("fixed" in this.dataset) {
        this.shadowRoot.textContent ||= timeOfDay(new Date());
        return;
      }
      const moment = new Date(this.getAttribute("datetime") ?? "");
      if (Number.isNaN(moment.getTime())) {
        this.shadowRoot.textContent = "";
        return;
      }
      const text = "clock" in this.dataset ? `${timeOfDay(moment)}, ${words(moment)}` : words(moment);
      if (this.shadowRoot.textContent !== text) this.shadowRoot.textContent = text;
      this.title = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
    }
  }

  customElements.define("relative-time", RelativeTime);
})();
