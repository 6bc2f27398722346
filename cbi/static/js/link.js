// When the link has dropped a form stays as it is and says so, instead of giving way to the browser's own error page and losing what was typed.
// <form data-behaviour="link" data-probe="/static/…"> … <div data-link-down hidden tabindex="-1"> words </div>: before it is sent a small file is asked for; nothing is kept on the device.
(() => {
  "use strict";
  for (const form of document.querySelectorAll('form[data-behaviour~="link"]')) {
    const down = form.querySelector("[data-link-down]");
    let asking = false;
    let stands = false;
    form.addEventListener("submit", (event) => {
      if (stands) { stands = false; return; }
      event.preventDefault();
      event.stopImmediatePropagation();
      if (asking) return;
      asking = true;
      fetch(form.dataset.probe, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(15000) })
        .then(() => true, () => false)
        .then((there) => {
          asking = false;
          down.hidden = there;
          if (!there) { down.focus(); return; }
          stands = true;
          form.requestSubmit(event.submitter);
        });
    });
  }
})();
