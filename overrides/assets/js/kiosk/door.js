// @ts-check
/**
 * The folder's own pages, index.html and signage.html: into the edition that `current.js` names, if all of it is there;
 * else into the one before. An edition once found whole is not looked through again.
 */
(function () {
  'use strict';

  var KEY = 'archive-kiosk-whole';
  var AGAIN = 30000;
  var to = document.documentElement.getAttribute('data-to');
  var said = /** @type {HTMLElement} */ (document.querySelector('[role=status]'));

  function remembered() { try { return localStorage.getItem(KEY); } catch (error) { return null; } }
  function remember(id) { try { localStorage.setItem(KEY, id); } catch (error) { /* then it is looked through again */ } }

  var opening = said.textContent;

  /** Whether an edition is whole. @param {string | null} id */
  function whole(id) {
    if (!id) return Promise.resolve(false);
    if (remembered() === id) return Promise.resolve(true);
    return window.archiveCheck('e/' + id + '/', function (done, of) {
      said.textContent = '正在检查文件：' + done + ' / ' + of;
    }).then(function (missing) {
      if (missing.length) said.textContent = '有 ' + missing.length + ' 个文件缺或不完整，例如 ' + missing[0];
      return !missing.length;
    }, function () { return false; });
  }

  if (!window.archiveCheck) { again(); return; } // cut off itself

  function open(id) {
    remember(id);
    location.replace('e/' + id + '/' + to);
  }

  document.documentElement.setAttribute('data-alive', '');
  var tag = document.createElement('script');
  tag.src = 'current.js?' + Date.now();
  tag.onload = function () {
    var current = window.archiveCurrent || {};
    whole(current.id).then(function (found) {
      if (found) { open(current.id); return; }
      return whole(current.previous).then(function (older) {
        if (older) open(current.previous);
        else again();
      });
    });
  };
  tag.onerror = again;
  document.head.appendChild(tag);

  function again() {
    if (said.textContent === opening) said.textContent = '文件夹不完整。请把整个文件夹重新拷贝一遍。';
    setTimeout(function () { location.reload(); }, AGAIN);
  }
})();
