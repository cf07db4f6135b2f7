/* <relative-time datetime="2026-11-22T12:00:00Z">: says "3 min ago", keeps itself right, and shows the exact moment on
   hover. The text lives in a shadow root, so React never meets nodes that it did not make.
   With data-since (a moment too) it says how long after that it was, and the time of day: "+3 s, 14:02:07".
   With data-clock it says "14:02, in 6 min"; with data-fixed the time of day at which it came onto the page. */
(() => {
  if (customElements.get("relative-time")) return;

  const MINUTE = 60, HOUR = 3600, DAY = 86400;
  const living = new Set();
  let clock = 0;

  const timeOfDay = (moment) => moment.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  const toTheSecond = (moment) => moment.toLocaleTimeString(undefined, { timeStyle: "medium", hourCycle: "h23" });

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

  function after(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    if (whole < MINUTE) return `+${whole} s`;
    if (whole < HOUR) return `+${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s`;
    if (whole < DAY) return `+${Math.floor(whole / HOUR)} h ${Math.floor((whole % HOUR) / MINUTE)} min`;
    return `+${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
  }

  class RelativeTime extends HTMLElement {
    static observedAttributes = ["datetime", "data-since"];

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
      const since = new Date(this.dataset.since ?? "");
      const text = !Number.isNaN(since.getTime()) ? `${after((moment - since) / 1000)}, ${toTheSecond(moment)}` : "clock" in this.dataset ? `${timeOfDay(moment)}, ${words(moment)}` : words(moment);
      if (this.shadowRoot.textContent !== text) this.shadowRoot.textContent = text;
      this.title = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
    }
  }

  customElements.define("relative-time", RelativeTime);
})();
