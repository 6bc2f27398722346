// Says which file was chosen and how large it is, under the field, before anything is sent.
(() => {
  "use strict";
  const inWords = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
  for (const field of document.querySelectorAll('[data-behaviour~="file-name"]')) {
    const place = document.getElementById(field.dataset.shows);
    field.addEventListener("change", () => {
      const [file] = field.files;
      place.hidden = !file;
      place.textContent = file ? `${file.name} · ${inWords(file.size)}` : "";
    });
  }
})();
