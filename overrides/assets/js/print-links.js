/** On paper a link's address is a footnote: numbered where it stands, listed at the end of the text. */
(function () {
  'use strict';

  var root = document.documentElement;
  var text = /** @type {HTMLElement} */ (document.querySelector('.entry__main') || document.querySelector('.page .prose'));
  if (!text || root.hasAttribute('data-print-links')) return;
  root.setAttribute('data-print-links', '');
  /** What was added. @type {Element[]} */
  var made = [];

  /** @template {Element} T @param {Element} parent @param {T} element */
  function add(parent, element) {
    parent.appendChild(element);
    made.push(element);
    return element;
  }

  function note() {
    clear();
    /** @type {string[]} */
    var urls = [];
    text.querySelectorAll('a[href^="http"]').forEach(function (link) {
      var url = /** @type {HTMLAnchorElement} */ (link).href;
      var number = urls.indexOf(url) + 1 || urls.push(url);
      var mark = document.createElement('sup');
      mark.textContent = '[' + number + ']';
      add(link, mark);
    });
    if (!urls.length) return;
    var list = add(text, document.createElement('ol'));
    list.className = 'print-links';
    urls.forEach(function (url) {
      var item = document.createElement('li');
      item.textContent = url;
      list.appendChild(item);
    });
    root.classList.add('print-noted');
  }

  function clear() {
    made.forEach(function (element) { element.remove(); });
    made = [];
    root.classList.remove('print-noted');
  }

  window.addEventListener('beforeprint', note);
  window.addEventListener('afterprint', clear);
})();
