// Quick exit: a link marked data-behaviour="leave" replaces this page, so that Back does not bring it up again; Esc three times does the same.
// Without script the link is an ordinary link. Nothing is sent or kept.
(() => {
  "use strict";
  const WITHIN = 2000; // milliseconds for the three presses
  const links = document.querySelectorAll('[data-behaviour~="leave"]');
  if (!links.length) return;
  const leave = () => {
    document.body.hidden = true; // the page is gone at once, however slow the next one is
    window.location.replace(links[0].href);
  };
  links.forEach((link) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    }),
  );
  let pressed = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    pressed = [...pressed.filter((at) => event.timeStamp - at < WITHIN), event.timeStamp];
    if (pressed.length >= 3) leave();
  }, true);
  // a page kept in the browser's memory is not shown again
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leave();
  });
})();
