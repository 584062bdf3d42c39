/**
 * When a page's other scripts do not come alive - cut off while they were copied, or damaged - it goes back to the
 * folder's door, where the edition is looked through again. Stands first in its page and needs nothing else of it.
 */
(function () {
  'use strict';

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});

  var WAIT = 8000;
  /** A slow disk may take longer over the page itself. */
  var TURNS = 8;

  var own = /** @type {HTMLScriptElement} */ (document.currentScript);
  var door = own.getAttribute('data-door') || '';
  var root = document.documentElement;
  var turns = 0;

  function look() {
    if (root.hasAttribute('data-alive')) return;
    if (document.readyState === 'loading' && ++turns < TURNS) { setTimeout(look, WAIT); return; }
    archive.door();
  }

  /** Back to the door, which takes no edition on trust now. A site that is tried out has none. */
  archive.door = function () {
    try { localStorage.removeItem('archive-kiosk-whole'); } catch (error) { /* then nothing was remembered */ }
    if (door && !/\/e\/[0-9a-f]{12}\/[^/]*$/.test(location.pathname)) location.reload();
    else location.replace(door || location.href);
  };

  setTimeout(look, WAIT);
})();
