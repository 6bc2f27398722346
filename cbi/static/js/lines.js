// Lines of a repeated form, such as the members of a household: Enter in a line goes to the next or adds it, Enter in an empty one leaves the lines, a button takes one out, and the rest are counted again.
// <div data-behaviour="lines" data-name="members" data-start="2"> <div data-line>…</div>… <template>…<div data-line>…</div></template> <button data-line-add hidden> </div>
// In the template fields are named members-__n__-given; data-aria="Name of member __number__" keeps spoken labels right. data-line-number holds the number, data-line-out is the button.
(() => {
  "use strict";
  for (const box of document.querySelectorAll('[data-behaviour~="lines"]')) {
    const template = box.querySelector("template");
    const add = box.querySelector("[data-line-add]");
    const start = Number(box.dataset.start || "1");
    const indexed = new RegExp(`(^|\\s)(${box.dataset.name}-)(?:\\d+|__n__)(?=-|$|\\s)`, "g");
    const lines = () => [...box.querySelectorAll("[data-line]")];

    const renumber = (line, index) => {
      const number = String(start + index);
      for (const element of [line, ...line.querySelectorAll("*")]) {
        for (const name of ["name", "id", "for", "aria-describedby"]) {
          const value = element.getAttribute(name);
          if (value) element.setAttribute(name, value.replace(indexed, `$1$2${index}`));
        }
        if (element.dataset.aria) element.setAttribute("aria-label", element.dataset.aria.replace("__number__", number));
        if (element.dataset.lineNumber !== undefined) element.textContent = number;
      }
    };
    const count = () => lines().forEach(renumber);
    const firstField = (line) => line && line.querySelector("input:not([type=hidden]), select, textarea");

    const isEmpty = (line) => [...line.querySelectorAll("input:not([type=hidden]), select, textarea")].every((one) => one.value === "");
    const leave = () => {
      const after = [...(box.closest("form")?.elements || [])].find((one) => box.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING
        && !box.contains(one) && !one.matches("fieldset, [type=hidden]") && one.getClientRects().length > 0);
      after?.focus();
      return Boolean(after);
    };

    const append = () => {
      const line = template.content.querySelector("[data-line]").cloneNode(true);
      const last = lines().at(-1);
      if (last) last.after(line); else template.before(line);
      count();
      firstField(line)?.focus();
    };
    const takeOut = (line) => {
      const before = line.previousElementSibling;
      line.remove();
      count();
      (firstField(before?.matches("[data-line]") ? before : lines()[0]) || add)?.focus();
    };

    for (const button of box.querySelectorAll("[data-line-out]")) button.hidden = false;
    if (add) {
      add.hidden = false;
      add.addEventListener("click", (event) => { event.preventDefault(); append(); });
    }
    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-line-out]");
      if (!button) return;
      event.preventDefault();
      takeOut(button.closest("[data-line]"));
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || !event.target.matches("input, select")) return;
      const line = event.target.closest("[data-line]");
      if (!line) return;
      event.preventDefault();
      const next = lines()[lines().indexOf(line) + 1];
      if (isEmpty(line) && leave()) return;
      if (next) firstField(next).focus(); else append();
    });
  }
})();
