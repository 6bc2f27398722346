// Keyboard: an element says which key reaches it (data-key="/", "n", "j", "k", "1"…"9"); fields take the focus, radios are chosen, links and buttons pressed.
// Single letters work outside fields only and can be switched off (WCAG 2.1.4). Ctrl Enter presses the main button of the form one is in. ? opens the list.
(() => {
  "use strict";
  const help = document.querySelector('[data-behaviour~="keys"]');
  if (!help) return;
  const KEPT = "cbi-single-keys";
  const read = () => { try { return window.localStorage.getItem(KEPT) !== "off"; } catch { return true; } };
  const keep = (on) => { try { window.localStorage.setItem(KEPT, on ? "on" : "off"); } catch { /* private windows keep nothing: it lasts for this page */ } };
  const always = help.dataset.off === "always";
  let on = read() && !always;

  const button = help.querySelector("[data-keys-switch]");
  const say = () => { button.textContent = on ? button.dataset.turnOff : button.dataset.turnOn; };
  if (button && !always) {
    button.hidden = false;
    say();
    button.addEventListener("click", () => { on = !on; keep(on); say(); });
  }

  const inField = (target) => target instanceof HTMLElement
    && (target.isContentEditable || target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit])"));
  const reach = (element) => {
    if (element.matches("input[type=radio], input[type=checkbox]")) {
      element.focus();
      element.click();
    } else if (element.matches("input, select, textarea")) {
      element.focus();
      if (element.select) element.select();
    } else {
      element.click();
    }
  };
  const visible = (element) => element.getClientRects().length > 0;
  const sendForm = (target) => {
    const form = (target instanceof HTMLElement && target.closest("form")) || document.querySelector("main form:has(.btn-primary)");
    const main = form && (form.querySelector('[data-key="ctrl-enter"]') || form.querySelector(".btn-primary"));
    if (main) main.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      sendForm(event.target);
      return;
    }
    if (!on || event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
    if (event.key === "?") {
      event.preventDefault();
      help.open = !help.open;
      if (help.open) {
        help.querySelector("summary").focus();
        help.scrollIntoView({ block: "nearest" });
      }
      return;
    }
    const wanted = CSS.escape(event.key.toLowerCase());
    const element = [...document.querySelectorAll(`[data-key="${wanted}"]`)].find(visible);
    if (!element) return;
    event.preventDefault();
    reach(element);
  });
})();
