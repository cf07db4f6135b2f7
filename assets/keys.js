/* Keys. An element answers to the keys in its data-keys attribute ("n", "g h", "mod+enter"; several apart by "|"):
   a field takes the focus, all else is clicked. A button with data-opens="id" opens that dialog.
   j and k walk through the elements that carry data-row; Enter opens what is folded in one that is no link.
   Keys of one character can be switched off (WCAG 2.1.4): the box with data-single-keys in the sheet, kept in the browser.
   One listener on the document, so pages come and go freely. */
(() => {
  if (window.asterismKeys) return;
  window.asterismKeys = true;

  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    addEventListener("load", () => document.documentElement.setAttribute("data-mac", ""));
  }

  const STORED = "asterism-single-keys";
  const SEQUENCE_MS = 1200;
  let first = "";
  let firstAt = 0;

  const off = () => {
    try {
      return localStorage.getItem(STORED) === "off";
    } catch {
      return false; // storage is forbidden here: then nothing can be kept, and the keys work
    }
  };

  function showSwitch() {
    for (const box of document.querySelectorAll("[data-single-keys]")) box.checked = !off();
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-single-keys]")) return;
    try {
      localStorage.setItem(STORED, event.target.checked ? "on" : "off");
    } catch {
      showSwitch();
    }
  });

  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable=true], [role=combobox], [role=listbox]");
  const shown = (element) => element.checkVisibility() && !element.disabled;

  function answering(keys) {
    for (const element of document.querySelectorAll("[data-keys]")) {
      if (element.dataset.keys.split("|").includes(keys) && shown(element)) return element;
    }
    return null;
  }

  function act(element) {
    if (element.matches("input, textarea, select")) {
      element.focus();
      element.select?.();
    } else {
      element.click();
    }
  }

  function walk(step) {
    const rows = [...document.querySelectorAll("[data-row]")].filter(shown);
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
    rows[next].focus();
  }

  // Before the page's own handlers: a box in which Enter adds a line's content would take Ctrl+Enter for the same. What
  // still stands in such a box is added first.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || event.altKey) return;
    if (event.target.matches?.("textarea[data-keys]") && event.target.value.trim()) return;
    const element = answering("mod+enter");
    if (!element) return;
    event.preventDefault();
    event.stopPropagation();
    act(element);
  }, true);

  // Escape leaves a form that was opened below its row. However such a form goes, the focus that was in it goes to the
  // button of that row, and stays there when another button takes that one's place.
  let opener = null;

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    const leave = event.target.closest?.("form")?.querySelector("[data-escape]");
    if (!leave) return;
    event.preventDefault();
    leave.click();
  });

  document.addEventListener("focusin", (event) => {
    const form = event.target.closest?.("tr")?.querySelector("[data-escape]");
    if (form) opener = form.closest("tr").previousElementSibling;
    else if (!opener?.contains(event.target)) opener = null;
  });

  function refocus() {
    if (opener?.isConnected && document.activeElement === document.body) opener.querySelector("button")?.focus();
  }

  // A row of tabs wider than the page scrolls; the present tab comes into sight when it changes, not at every render.
  const present = new WeakMap();

  function showTabs() {
    for (const row of document.querySelectorAll(".tabs")) {
      const tab = row.querySelector('[aria-current="page"]');
      if (!tab || present.get(row) === tab.textContent) continue;
      present.set(row, tab.textContent);
      const [inside, around] = [tab.getBoundingClientRect(), row.getBoundingClientRect()];
      row.scrollLeft += inside.left + inside.width / 2 - around.left - around.width / 2;
    }
  }

  new MutationObserver(() => { showTabs(); refocus(); }).observe(document.documentElement, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["aria-current"],
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (off() || typing(event.target) || document.querySelector("dialog[open]")) return;
    const pressed = event.key;
    const element =
      (first && event.timeStamp - firstAt < SEQUENCE_MS && answering(`${first} ${pressed}`)) || answering(pressed);
    first = pressed;
    firstAt = event.timeStamp;
    if (element) {
      event.preventDefault();
      first = "";
      act(element);
    } else if (pressed === "j" || pressed === "k") {
      walk(pressed === "j" ? 1 : -1);
    } else if (pressed === "Enter" && event.target.matches("[data-row]:not(a)")) {
      event.target.querySelector("summary")?.click();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.matches?.("a.skip")) {
      event.preventDefault();
      document.getElementById("main")?.focus();
      return;
    }
    const opener = event.target.closest?.("[data-opens]");
    if (opener) {
      showSwitch();
      document.getElementById(opener.dataset.opens)?.showModal();
    } else if (event.target.matches?.("dialog[open]")) event.target.close();
  }, true);
})();
