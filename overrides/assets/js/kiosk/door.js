/**
 * The folder's own pages, index.html and signage.html: into the edition that `current.js` names, if all of it is there;
 * else into the one before. An edition once found whole is not looked through again.
 */
(function () {
  'use strict';

  var KEY = 'archive-kiosk-whole';
  var AGAIN = 30000;
  var archive = window.archive;
  var to = document.documentElement.getAttribute('data-to');
  var said = /** @type {HTMLElement} */ (document.querySelector('[role=status]'));

  function remembered() { try { return localStorage.getItem(KEY); } catch (error) { return null; } }
  /** @param {string} id */
  function remember(id) { try { localStorage.setItem(KEY, id); } catch (error) { /* then it is looked through again */ } }

  var opening = said.textContent;

  /**
   * The id of an edition if it is whole.
   * @param {string | null | undefined} id
   * @param {Kiosk.Check} check
   * @returns {Promise<string | null>}
   */
  function whole(id, check) {
    if (!id) return Promise.resolve(null);
    if (remembered() === id) return Promise.resolve(id);
    return check.run('e/' + id + '/', function (done, of) {
      said.textContent = '正在检查文件：' + done + ' / ' + of;
    }).then(function (missing) {
      if (missing.length) said.textContent = '有 ' + missing.length + ' 个文件缺或不完整，例如 ' + missing[0];
      return missing.length ? null : id;
    }, function () { return null; });
  }

  if (!archive || !archive.loader || !archive.check) { again(); return; } // cut off themselves

  /** @param {string} id */
  function open(id) {
    remember(id);
    location.replace('e/' + id + '/' + to);
  }

  document.documentElement.setAttribute('data-alive', '');
  var check = archive.check;
  archive.loader.script('current.js?' + Date.now()).then(function () {
    var current = window.archiveCurrent || {};
    return whole(current.id, check).then(function (found) { return found || whole(current.previous, check); });
  }).then(function (id) {
    if (id) open(id); else again();
  }, again);

  function again() {
    if (said.textContent === opening) said.textContent = '文件夹不完整。请把整个文件夹重新拷贝一遍。';
    setTimeout(function () { location.reload(); }, AGAIN);
  }
})();
