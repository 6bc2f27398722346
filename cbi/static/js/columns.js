// Pointing at columns: a cell leads to the question over its column, and what a column is said to be is taken away from the one that had it.
// <form data-behaviour="columns"> with ol.cols > li > .ask > select. Fields inside [data-place] wait for their own button.
(() => {
  "use strict";
  for (const form of document.querySelectorAll('form[data-behaviour~="columns"]')) {
    const columns = [...form.querySelectorAll(".cols > li")].filter((column) => column.querySelector("select"));
    const select = (column) => column.querySelector("select");

    const said = (column) => {
      column.className = select(column).value ? "" : "unused";
      column.querySelector(".sure")?.remove();
    };
    form.addEventListener("click", (event) => {
      const column = event.target.closest(".cols > li");
      if (!column || !event.target.closest(".cell") || !columns.includes(column)) return;
      select(column).focus();
      try { select(column).showPicker(); } catch { /* older browsers, and fields that are not on the screen: the focus is enough */ }
    });
    form.addEventListener("change", (event) => {
      if (event.target.closest("[data-place]")) { event.stopPropagation(); return; }
      const changed = columns.find((column) => select(column) === event.target);
      if (!changed) return;
      said(changed);
      for (const other of columns) {
        if (other === changed || !event.target.value || select(other).value !== event.target.value) continue;
        select(other).value = "";
        said(other);
      }
    }, true);
  }
})();
