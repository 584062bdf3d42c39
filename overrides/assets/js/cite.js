/** One click copies an entry's citation with the day of access and, on http, the page's own address. */
(function () {
  'use strict';

  /** @param {string} text @returns {Promise<void>} */
  function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    var area = document.createElement('textarea'); // file:// has no clipboard API in older browsers
    area.value = text;
    area.setAttribute('readonly', '');
    area.style.position = 'fixed';
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand('copy');
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error('refused'));
  }

  /** @param {HTMLElement} text @param {HTMLElement} button @param {HTMLElement} status */
  function bind(text, button, status) {
    button.addEventListener('click', function () {
      var today = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
      var citation = (text.getAttribute('data-citation') || '').replace('{today}', today);
      if (!/https?:/.test(citation) && location.protocol !== 'file:') citation += ' ' + location.href.split('#')[0] + '.';
      text.textContent = citation;
      copy(citation).then(function () { status.textContent = '已复制'; }, function () {
        var range = document.createRange();
        var selection = getSelection();
        range.selectNodeContents(text);
        if (selection) {
          selection.removeAllRanges();
          selection.addRange(range);
        }
        status.textContent = '没有复制成，引文已选中，请按 Ctrl+C';
      });
    });
  }

  document.querySelectorAll('.take-away').forEach(function (box) {
    var text = /** @type {HTMLElement | null} */ (box.querySelector('[data-citation]'));
    var tools = box.querySelector('.take-away__tools');
    var button = tools && tools.querySelector('button');
    if (!text || !tools || !button || tools.hasAttribute('data-bound')) return;
    tools.setAttribute('data-bound', '');
    tools.removeAttribute('hidden');
    bind(text, button, /** @type {HTMLElement} */ (tools.querySelector('[role=status]')));
  });
})();
