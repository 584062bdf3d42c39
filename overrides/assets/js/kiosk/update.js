/**
 * A new edition in the folder: when `current.js` names another than this one, and every file of it is there, the screen
 * goes over to it: at the end of a visit, and every ten minutes while nobody is there. If this edition is gone from the
 * folder, because something in it was withdrawn, the screen goes over within half a minute, even during a visit.
 */
(function () {
  'use strict';

  var archive = window.archive;
  var check = /** @type {Kiosk.Check} */ (archive.check);
  var LOOK_AGAIN = 600000;
  var LOOK_WITHDRAWN = 30000;
  var own = (/\/e\/([0-9a-f]{12})\/[^/]*$/.exec(location.pathname) || [])[1];
  var busy = false;
  var again = false;

  /** Whether somebody is at the screen; at a public screen nobody ever is. */
  function visited() { return document.documentElement.getAttribute('data-state') === 'visit'; }

  /** Whether this edition has been removed from the folder; its list of files goes with it. @returns {Promise<boolean>} */
  function withdrawn() {
    return check.list('../' + own + '/').then(function () { return false; }, function (error) { return error.how !== 'slow'; });
  }

  /**
   * @param {boolean} [onlyWithdrawn] leave an edition that is still there to the next proper look
   * @returns {Promise<void>}
   */
  function update(onlyWithdrawn) {
    // A site that does not stand in a folder of editions, as when it is tried out, stays what it is.
    if (!own) return Promise.resolve();
    if (busy && onlyWithdrawn === true) return Promise.resolve();
    again = busy; // what is being looked through now may have changed since
    if (busy) return Promise.resolve();
    busy = true;
    return archive.loader.script('../../current.js?' + Date.now()).then(function () {
      var id = (window.archiveCurrent || {}).id;
      if (!id || id === own) return null;
      return withdrawn().then(function (gone) {
        if (!gone && onlyWithdrawn === true) return null;
        return check.run('../' + id + '/').then(function (missing) {
          if (missing.length || (visited() && !gone)) return;
          location.replace('../' + id + '/' + location.pathname.split('/').pop());
        });
      });
    }).catch(function () { /* half copied, or the folder is being replaced: next time */ }).then(function () {
      busy = false;
      return again ? update() : undefined;
    });
  }

  document.addEventListener('kiosk:reset', function () { update(); });
  setInterval(function () { if (!visited()) update(); }, LOOK_AGAIN);
  setInterval(function () { update(true); }, LOOK_WITHDRAWN);
})();
