// A page that shows names and phones of a file is left after fifteen minutes without a key or a pointer, when the session ends too.
// <form data-behaviour="idle" data-idle="/where-to" data-minutes="5">
(() => {
  "use strict";
  const marked = document.querySelector('[data-behaviour~="idle"]');
  if (!marked) return;
  const MINUTES = Number(marked.dataset.minutes || 15);
  let last = Date.now();
  for (const kind of ["keydown", "pointerdown", "pointermove", "scroll"]) {
    document.addEventListener(kind, () => { last = Date.now(); }, { passive: true, capture: true });
  }
  const look = () => { if (Date.now() - last >= MINUTES * 60_000) window.location.replace(marked.dataset.idle); };
  window.setInterval(look, 15_000);
  document.addEventListener("visibilitychange", look);
})();
