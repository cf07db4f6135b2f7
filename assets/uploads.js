/* Sends the file of a form with data-upload to its action as it lies, piece by piece, with progress; then opens the page
   that the answer's Location-like id names (data-then + id). Without this script the browser sends the form by itself.
   One listener on the document, so pages come and go freely. */
(() => {
  if (window.asterismUploads) return;
  window.asterismUploads = true;

  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

  function parts(form) {
    const find = (name) => form.querySelector(`[data-upload-${name}]`);
    return { way: find("way"), bar: find("bar"), words: find("words"), problem: find("problem"), stop: find("stop") };
  }

  function refuse(form, sentence) {
    const { way, problem } = parts(form);
    way.hidden = true;
    problem.textContent = sentence;
    problem.hidden = !sentence;
    form.removeAttribute("aria-busy");
    for (const control of form.querySelectorAll("input, button[type=submit]")) control.disabled = false;
  }

  function send(form, file) {
    const { way, bar, words, stop } = parts(form);
    const request = new XMLHttpRequest();
    refuse(form, "");
    way.hidden = false;
    form.setAttribute("aria-busy", "true");
    for (const control of form.querySelectorAll("input, button[type=submit]")) control.disabled = true;
    bar.value = 0;
    words.textContent = `Sending ${file.name}`;
    request.upload.onprogress = (event) => {
      bar.value = event.total ? event.loaded / event.total : 0;
      words.textContent = `Sent ${megabytes(event.loaded)} of ${megabytes(event.total)}`;
    };
    request.upload.onload = () => {
      bar.removeAttribute("value");
      words.textContent = "Reading the rows";
    };
    request.onload = () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        /* not ours: the sentence below says so */
      }
      if (request.status === 201 && answer.id) location.assign(form.dataset.then + answer.id);
      else if (request.status === 401) location.assign("/sign-in");
      else refuse(form, answer.detail || `The server answered with an error (${request.status}); try again.`);
    };
    request.onerror = () => refuse(form, "The connection broke off before the file was there; try again.");
    request.onabort = () => refuse(form, "Stopped. Nothing of the file was kept.");
    stop.onclick = () => request.abort();
    request.open("POST", `${form.getAttribute("action")}?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.send(file);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches?.("form[data-upload]")) return;
    event.preventDefault();
    const file = form.querySelector("input[type=file]").files[0];
    const most = Number(form.dataset.most);
    if (!file) refuse(form, "Choose a file first.");
    else if (most && file.size > most) refuse(form, `The file has ${megabytes(file.size)}; at most ${megabytes(most)} are taken. Bring a part of it.`);
    else if (!file.size) refuse(form, "The file is empty; bring one with at least one row.");
    else send(form, file);
  }, true);
})();
