// A piece of a spreadsheet that is wider than its frame opens where the marked cells are. <div class="scroll" data-behaviour="excerpt"> with td.hit; it runs left to right.
(() => {
  "use strict";
  for (const frame of document.querySelectorAll('[data-behaviour~="excerpt"]')) {
    const hits = [...frame.querySelectorAll(".hit")];
    if (!hits.length) continue;
    const box = (element) => element.getBoundingClientRect();
    const numbers = frame.querySelector("tbody th");
    frame.scrollLeft += Math.max(0, box(hits.at(-1)).right - box(frame).right + 8);
    frame.scrollLeft -= Math.max(0, box(numbers).right - box(hits[0]).left + 8);
  }
})();
