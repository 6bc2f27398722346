// A digit answers the question in focus and goes on to the next: 1 chooses the first answer, 2 the second. Where several may be ticked, digits tick and Enter goes on.
// <form data-behaviour="digits">: radios, checkboxes and selects. data-alone: an answer that stands alone, so that nothing more is asked. data-kept: kept from before, passed over.
// In a field one types in, digits are digits. Off for people who switched single keys off (keys.js); Tab, arrows and Space work as everywhere.
(() => {
  "use strict";
  const on = () => { try { return window.localStorage.getItem("cbi-single-keys") !== "off"; } catch { return true; } };
  const CONTROL = "input:not([type=hidden]), select, textarea, button[type=submit]";
  const seen = (one) => one.getClientRects().length > 0 && !one.disabled;
  const questionOf = (one) => (one.matches("select") ? one : one.closest(".seg")?.closest("fieldset") || one.closest(".q") || one.closest("fieldset") || one);
  const answersOf = (question) => [...(question.querySelector(".opts, .seg") || question).querySelectorAll("input[type=radio], input[type=checkbox]")];

  const goOn = (form, question) => {
    const after = (one) => question.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING && !question.contains(one);
    const next = [...form.querySelectorAll(CONTROL)].find((one) => after(one) && seen(one) && !one.matches("[data-kept], [data-line-add]"));
    next?.focus();
  };
  const answer = (form, target, place) => {
    const question = questionOf(target);
    const answers = question.matches("select") ? [...question.options].filter((one) => one.value !== "") : answersOf(question);
    const chosen = answers[place];
    if (!chosen) return;
    if (question.matches("select")) {
      question.value = chosen.value;
      question.dispatchEvent(new Event("input", { bubbles: true }));
      question.dispatchEvent(new Event("change", { bubbles: true }));
    } else {
      chosen.focus();
      chosen.click();
      if (chosen.type === "checkbox" && chosen.dataset.alone === undefined) return;
    }
    goOn(form, question);
  };
  // A select says which digit is which while it is in focus.
  const number = (select) => [...select.options].filter((one) => one.value !== "").forEach((one, place) => {
    if (place > 8 || one.dataset.words) return;
    one.dataset.words = one.textContent;
    one.textContent = `${place + 1} · ${one.dataset.words}`;
  });
  const plain = (select) => [...select.options].filter((one) => one.dataset.words).forEach((one) => {
    one.textContent = one.dataset.words;
    delete one.dataset.words;
  });

  for (const form of document.querySelectorAll('form[data-behaviour~="digits"]')) {
    form.addEventListener("keydown", (event) => {
      const target = event.target;
      if (!on() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
      if (!target.matches("select, fieldset, input[type=radio], input[type=checkbox]") || target.closest("table")) return;
      if (/^[1-9]$/.test(event.key)) {
        event.preventDefault();
        answer(form, target, Number(event.key) - 1);
      } else if (event.key === "Enter" && !target.closest("[data-line]") && !target.matches("fieldset")) {
        event.preventDefault();
        goOn(form, questionOf(target));
      }
    });
    if (!window.matchMedia("(hover: hover) and (pointer: fine)").matches) continue;
    form.addEventListener("focusin", (event) => { if (event.target.matches("select") && on()) number(event.target); });
    form.addEventListener("focusout", (event) => { if (event.target.matches("select")) plain(event.target); });
  }
})();
