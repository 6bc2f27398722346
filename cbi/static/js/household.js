// The household form: the selects of recipient and alternate follow the names typed, also when a line is taken out; a proposed Latin name fills an empty field.
// A field nobody needs yet waits out of sight; the six answers on a line and the questions spelled out below it follow each other; Enter goes from the head to the members.
// <form data-behaviour="household"> with select[data-people], fields head-given, head-family, members-N-name; [data-proposal="field name"] in what the server answers.
(() => {
  "use strict";
  for (const form of document.querySelectorAll('form[data-behaviour~="household"]')) {
    const field = (name) => form.elements.namedItem(name);
    const selects = [...form.querySelectorAll("select[data-people]")];
    const nameFields = () => [...form.querySelectorAll('[name^="members-"][name$="-name"]')];
    const headName = () => [field("head-given")?.value, field("head-family")?.value].filter(Boolean).join(" ").trim();
    const chosen = new Map(); // select -> the name field of the person chosen, so that a line taken out does not pass the choice on

    const remember = (select) => {
      const place = Number(select.value);
      chosen.set(select, select.value !== "" && Number.isInteger(place) && place > 0 ? nameFields()[place - 1] : null);
    };
    const first = new Map(selects.map((select) => [select, {
      head: [...select.options].find((option) => option.value === "0")?.textContent,
      empty: [...select.options].find((option) => option.value === "")?.cloneNode(true),
      other: [...select.options].find((option) => option.value === "other")?.cloneNode(true),
    }]));
    const draw = () => {
      const fields = nameFields();
      for (const select of selects) {
        const kept = chosen.get(select);
        const { head, empty, other } = first.get(select);
        const options = [new Option(headName() || head, "0")];
        fields.forEach((one, index) => { if (one.value.trim()) options.push(new Option(one.value.trim(), String(index + 1))); });
        const before = select.value;
        select.replaceChildren(...(empty ? [empty] : []), ...options, ...(other ? [other] : []));
        if (kept) select.value = fields.includes(kept) ? String(fields.indexOf(kept) + 1) : "";
        else select.value = before === "other" || before === "" ? before : "0";
        if (select.selectedIndex < 0) select.selectedIndex = 0;
      }
    };
    for (const select of selects) {
      remember(select);
      select.addEventListener("change", () => remember(select));
    }
    form.addEventListener("input", (event) => { if (/^(head-(given|family)|members-\d+-name)$/.test(event.target.name)) draw(); });
    const members = form.querySelector('[data-name="members"]');
    if (members) new MutationObserver(draw).observe(members, { childList: true });

    // Latin letters are asked for names in another script; a name from outside the household when somebody from outside collects.
    const other = field("alternate_name");
    const show = (one, wanted) => { if (one) one.closest(".fields > div").hidden = !(wanted || one.value || one.matches("[aria-invalid=true]")); };
    const needs = () => {
      show(field("head-latin"), /(?!\p{Script=Latin})\p{L}/u.test(headName()));
      show(other, field("alternate")?.value === "other");
    };
    for (const name of ["input", "change"]) form.addEventListener(name, needs);

    // Six digits answer the six questions of one person in order, as "111211"; both say the same, whichever is used.
    const ANSWERS = ["none", "some", "a_lot", "cannot"];
    const sixOf = (name) => [...form.querySelectorAll(`select[name^="${name}"]`)];
    const together = (name) => {
      const digits = sixOf(name).map((one) => (ANSWERS.includes(one.value) ? String(ANSWERS.indexOf(one.value) + 1) : "-")).join("");
      field(`${name}typed`).value = /\d/.test(digits) ? digits : "";
    };
    const apart = (typed, name) => {
      const digits = typed.value.normalize("NFKC").replace(/\s/g, "");
      if (digits !== "" && !/^[-1-4]{6}$/.test(digits)) return;
      sixOf(name).forEach((one, place) => { one.value = ANSWERS[Number(digits[place]) - 1] || ""; });
    };
    form.addEventListener("input", ({ target }) => {
      const [, name, which] = /^(.*-six-)(\w+)$/.exec(target.name || "") || [];
      if (which === "typed") apart(target, name); else if (name) together(name);
    });
    for (const typed of form.querySelectorAll('[name$="-six-typed"]')) if (!typed.value) together(typed.name.slice(0, -"typed".length));

    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
      if (!event.target.matches("input:not([type=radio])") || event.target.closest("[data-line]")) return;
      event.preventDefault(); // Enter in one field never sends a half-filled household
      if (/^head-|^phone$|^document$/.test(event.target.name)) nameFields()[0]?.focus();
    });

    // A proposal goes into the field only while nobody has typed there.
    const latin = field("head-latin");
    let typed = Boolean(latin?.value);
    latin?.addEventListener("input", () => { typed = true; });
    document.body.addEventListener("htmx:afterSwap", () => {
      const proposal = form.querySelector('[data-proposal="head-latin"]');
      if (proposal && latin && !typed) latin.value = proposal.textContent;
      needs();
    });
    needs();
  }
})();
