/**
 * The one script of the report. It reads only what the page already holds (text and data attributes), writes only `hidden`, `open`,
 * `data-theme` and text, and makes no request: nothing from evidence is ever parsed as markup or code.
 */
export const pageScript = `'use strict';
(() => {
  const root = document.documentElement;
  const themes = ['auto', 'light', 'dark'];
  const button = document.getElementById('theme');
  let theme = 0;
  button.hidden = false;
  button.addEventListener('click', () => {
    theme = (theme + 1) % themes.length;
    if (theme === 0) root.removeAttribute('data-theme'); else root.setAttribute('data-theme', themes[theme]);
    button.textContent = 'Theme: ' + themes[theme];
  });

  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.classList.contains('finding') && target.hidden) clear();
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    target.scrollIntoView({ block: 'start' });
    const summary = target.querySelector('summary');
    if (summary) summary.focus({ preventScroll: true });
  };
  addEventListener('hashchange', reveal);
  document.addEventListener('click', event => {
    const link = event.target.closest && event.target.closest('a[href^="#"]');
    if (link && link.getAttribute('href') === location.hash) reveal();
  });

  const form = document.getElementById('filters');
  const all = [...document.querySelectorAll('.finding')];
  let texts;
  const apply = () => {
    const severity = Number(form.elements.severity.value);
    const host = form.elements.host.value;
    const technique = form.elements.technique.value;
    const words = form.elements.text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    if (words.length && !texts) texts = all.map(item => item.textContent.toLowerCase());
    let shown = 0;
    all.forEach((item, index) => {
      const fits = Number(item.dataset.severity) >= severity
        && (!host || item.dataset.hosts.split(' ').includes(host))
        && (!technique || item.dataset.techniques.split(' ').includes(technique))
        && words.every(word => texts[index].includes(word));
      item.hidden = !fits;
      if (fits) shown++;
    });
    document.getElementById('count').textContent = shown + ' of ' + all.length + ' shown';
  };
  const clear = () => { form.reset(); apply(); };
  if (form) {
    form.hidden = false;
    let waiting;
    form.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
    form.addEventListener('submit', event => event.preventDefault());
    form.addEventListener('reset', () => setTimeout(apply));
    apply();
  }
  document.addEventListener('click', event => {
    const link = event.target.closest && event.target.closest('[data-filter-technique]');
    if (!link || !form) return;
    form.reset();
    const option = [...form.elements.technique.options].find(item => item.text === link.dataset.filterTechnique);
    form.elements.technique.value = option ? option.value : '';
    apply();
  });

  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details.print:not([open])')];
    for (const item of opened) item.open = true;
  });
  addEventListener('afterprint', () => { for (const item of opened) item.open = false; });
  reveal();
})();
`
