// The household form: the selects of recipient and alternate follow the names typed, also when a line is taken out; a proposed Latin name fills an empty field.
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

    // A proposal goes into the field only while nobody has typed there.
    const latin = field("head-latin");
    let typed = Boolean(latin?.value);
    latin?.addEventListener("input", () => { typed = true; });
    document.body.addEventListener("htmx:afterSwap", () => {
      const proposal = form.querySelector('[data-proposal="head-latin"]');
      if (proposal && latin && !typed) latin.value = proposal.textContent;
    });
  }
})();
