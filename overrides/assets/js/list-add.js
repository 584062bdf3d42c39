/**
 * Adds an entry to the teacher's list without leaving the page. On file:// a page may not see the storage of another,
 * so there the link does what links do: it opens the list, which takes the entry from the address.
 */
(function () {
  'use strict';

  var KEY = 'archive-list';

  document.querySelectorAll('[data-list-add]').forEach(function (link) {
    if (link.hasAttribute('data-bound') || location.protocol === 'file:') return;
    link.setAttribute('data-bound', '');
    var box = /** @type {HTMLElement} */ (link.parentElement);
    var status = /** @type {HTMLElement} */ (box.querySelector('[role=status]'));
    link.addEventListener('click', function (event) {
      try {
        var items = /** @type {{url: string}[]} */ (JSON.parse(localStorage.getItem(KEY) || '[]'));
        var item = JSON.parse(decodeURIComponent((link.getAttribute('href') || '').split('#add=')[1].split('&')[0]));
        if (!items.some(function (other) { return other.url === item.url; })) items.push(item);
        localStorage.setItem(KEY, JSON.stringify(items));
        event.preventDefault();
        status.textContent = '已在课单里，共 ' + items.length + ' 项。';
        var open = document.createElement('a');
        open.href = (link.getAttribute('href') || '').split('#')[0];
        open.textContent = '看课单';
        status.appendChild(open);
      } catch (error) { /* no storage: the link goes on to the list */ }
    });
  });
})();
