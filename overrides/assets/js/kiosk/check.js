// @ts-check
/**
 * Whether every file of an edition is there: `archiveCheck(base, progress)` gives the names of those missing.
 *
 * A page may not read files on file://, but it may preload them as if they were styles, and is told whether they exist.
 */
(function () {
  'use strict';

  var AT_ONCE = 8;

  /** @param {string} url @returns {Promise<boolean>} */
  function exists(url) {
    return new Promise(function (resolve) {
      var link = document.createElement('link');
      function done(found) {
        clearTimeout(timer);
        link.onload = link.onerror = null;
        link.remove();
        resolve(found);
      }
      var timer = setTimeout(function () { done(false); }, 20000);
      link.rel = 'preload';
      link.as = 'style';
      link.onload = function () { done(true); };
      link.onerror = function () { done(false); };
      link.href = url + '?' + Date.now(); // a browser remembers what it found, and what it did not
      document.head.appendChild(link);
    });
  }

  /** The list that stands in the edition itself. @param {string} base @returns {Promise<string[]>} */
  function list(base) {
    return new Promise(function (resolve, reject) {
      var before = window.archiveData;
      var tag = document.createElement('script');
      function done(act) {
        window.archiveData = before;
        tag.remove();
        act();
      }
      window.archiveData = function (name, payload) {
        if (name === 'files') done(function () { resolve(payload); });
        else if (before) before(name, payload);
      };
      tag.onload = tag.onerror = function () { done(function () { reject(new Error(base + 'files.js')); }); };
      tag.src = base + 'files.js?' + Date.now();
      document.head.appendChild(tag);
    });
  }

  /**
   * @param {string} base the edition's folder, ending in a slash
   * @param {(done: number, of: number) => void} [progress]
   * @returns {Promise<string[]>} files that are missing
   */
  window.archiveCheck = function (base, progress) {
    return list(base).then(function (paths) {
      var missing = [];
      var at = 0;
      var done = 0;
      function work() {
        if (at >= paths.length) return Promise.resolve();
        var path = paths[at++];
        return exists(base + path.split('/').map(encodeURIComponent).join('/')).then(function (found) {
          if (!found) missing.push(path);
          if (progress) progress(++done, paths.length);
          return work();
        });
      }
      var workers = [];
      for (var i = 0; i < AT_ONCE; i++) workers.push(work());
      return Promise.all(workers).then(function () { return missing; });
    });
  };
})();
