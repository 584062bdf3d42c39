// @ts-check
/** One click copies an entry's citation with the day of access and, on http, the page's own address. */
(function () {
  'use strict';

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

  document.querySelectorAll('.take-away').forEach(function (box) {
    var text = box.querySelector('[data-citation]');
    var tools = box.querySelector('.take-away__tools');
    if (!text || !tools || tools.hasAttribute('data-bound')) return;
    tools.setAttribute('data-bound', '');
    tools.removeAttribute('hidden');
    var status = /** @type {HTMLElement} */ (tools.querySelector('[role=status]'));
    tools.querySelector('button').addEventListener('click', function () {
      var today = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
      var citation = (text.getAttribute('data-citation') || '').replace('{today}', today);
      if (!/https?:/.test(citation) && location.protocol !== 'file:') citation += ' ' + location.href.split('#')[0] + '.';
      text.textContent = citation;
      copy(citation).then(function () { status.textContent = '已复制'; }, function () {
        var range = document.createRange();
        range.selectNodeContents(text);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        status.textContent = '没有复制成，引文已选中，请按 Ctrl+C';
      });
    });
  });
})();
