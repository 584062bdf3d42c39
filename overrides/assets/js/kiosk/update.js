// @ts-check
/**
 * A new edition in the folder: when `current.js` names another than this one, and every file of it is there, the screen
 * goes over to it: at the end of a visit, and every ten minutes while nobody is there.
 */
(function () {
  'use strict';

  var LOOK_AGAIN = 600000;
  var own = (/\/e\/([0-9a-f]{12})\/[^/]*$/.exec(location.pathname) || [])[1];
  var busy = false;
  var again = false;

  /** Whether somebody is at the screen; at a public screen nobody ever is. */
  function visited() { return document.documentElement.getAttribute('data-state') === 'visit'; }

  function update() {
    // A site that does not stand in a folder of editions, as when it is tried out, stays what it is.
    if (!own) return Promise.resolve();
    again = busy; // what is being looked through now may have changed since
    if (busy) return Promise.resolve();
    busy = true;
    return window.archiveLoader.script('../../current.js?' + Date.now()).then(function () {
      var id = (window.archiveCurrent || {}).id;
      if (!id || id === own) return null;
      return window.archiveCheck('../' + id + '/').then(function (missing) {
        if (missing.length || visited()) return;
        location.replace('../' + id + '/' + location.pathname.split('/').pop());
      });
    }).catch(function () { /* half copied, or the folder is being replaced: next time */ }).then(function () {
      busy = false;
      return again ? update() : undefined;
    });
  }

  document.addEventListener('kiosk:reset', update);
  setInterval(function () { if (!visited()) update(); }, LOOK_AGAIN);
})();
