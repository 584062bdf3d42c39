// @ts-check
/**
 * One way to read data that works over http and from a double-clicked file: script tags.
 *
 * A data file is a script `archiveData("folder/name", payload)`; `archiveLoader.load("folder/name.js")` gives a
 * promise of the payload. fetch and XMLHttpRequest are refused on file://, hence the tags.
 *
 * The path to the site's root stands in `data-base` on <html> or on this script's tag.
 */
(function () {
  'use strict';

  if (window.archiveLoader) return;

  var TIMEOUT = 8000;
  var KEEP = 400;

  var own = /** @type {HTMLScriptElement} */ (document.currentScript);
  var base = own.getAttribute('data-base') || document.documentElement.getAttribute('data-base') || '';

  /** Payloads by name, the least recently used first. @type {Map<string, Promise<any>>} */
  var kept = new Map();
  /** What to do when a script hands over its payload. @type {Map<string, (payload: any, sum?: number) => void>} */
  var awaited = new Map();

  /** The sum that `shards.py` writes beside packed payloads. @param {string} packed */
  function checksum(packed) {
    var sum = 0;
    for (var i = 0; i < packed.length; i++) {
      // Units are below 2^15 and weights below 2^12 + 2: the sum stays exact, far from 2^53.
      sum += (packed.charCodeAt(i)) * (((i + 1) & 0xfff) + 1);
    }
    return sum % 0x80000000;
  }

  /** An error that says which file, and how it failed: missing, damaged or slow. */
  function fault(path, how) {
    var error = new Error(path + ': ' + how);
    return Object.assign(error, { path: path, how: how });
  }

  /** Append a script; resolves once it has run. @param {string} path @returns {Promise<void>} */
  function script(path) {
    return new Promise(function (resolve, reject) {
      var tag = document.createElement('script');
      var timer = setTimeout(function () { settle(fault(path, 'slow')); }, TIMEOUT);
      function settle(error) {
        clearTimeout(timer);
        tag.onload = tag.onerror = null;
        tag.remove();
        if (error) reject(error); else resolve();
      }
      tag.onload = function () { settle(null); };
      tag.onerror = function () { settle(fault(path, 'missing')); };
      tag.src = base + path;
      document.head.appendChild(tag);
    });
  }

  /** @param {string} path @returns {Promise<any>} */
  function fetchData(path) {
    var name = path.replace(/\.js$/, '');
    return new Promise(function (resolve, reject) {
      awaited.set(name, function (payload, sum) {
        if (sum !== undefined && checksum(payload) !== sum) reject(fault(path, 'damaged'));
        else resolve(payload);
      });
      script(path).then(function () {
        // It ran, or had a syntax error, without handing anything over.
        reject(fault(path, 'damaged'));
      }, reject);
    }).then(function (payload) {
      awaited.delete(name);
      return payload;
    }, function (error) {
      awaited.delete(name);
      kept.delete(path);
      throw error;
    });
  }

  /** @param {string} path relative to the site's root @returns {Promise<any>} */
  function load(path) {
    var found = kept.get(path) || fetchData(path);
    kept.delete(path);
    kept.set(path, found);
    if (kept.size > KEEP) kept.delete(kept.keys().next().value);
    return found;
  }

  window.archiveData = function (name, payload, sum) {
    var receive = awaited.get(name);
    if (receive) receive(payload, sum);
  };

  window.archiveLoader = { base: base, load: load, script: script };
})();
