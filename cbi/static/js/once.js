// A form marked data-behaviour="once" is sent once however often the button is pressed; the button says what is going on (data-busy).
// The server counts it once too (client key): this only spares a slow link.
(() => {
  "use strict";
  for (const form of document.querySelectorAll('form[data-behaviour~="once"]')) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) { event.preventDefault(); return; }
      sent = true;
      const button = event.submitter;
      if (!button?.dataset.busy) return;
      button.dataset.idle = button.textContent;
      button.textContent = button.dataset.busy;
    });
    window.addEventListener("pageshow", () => {
      sent = false;
      for (const button of form.querySelectorAll("[data-idle]")) {
        button.textContent = button.dataset.idle;
        delete button.dataset.idle;
      }
    });
  }
})();
