// @ts-check
/**
 * One way to read data that works over http and from a double-clicked file: script tags.
 *
 * A data file is a script `archiveData("folder/name", payload)`; `archive.loader.load("folder/name.js")` gives a
 * promise of the payload. fetch and XMLHttpRequest are refused on file://, hence the tags.
 *
 * The path to the site's root stands in `data-base` on <html> or on this script's tag.
 */
(function () {
  'use strict';

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});
  if (archive.loader) return;

  var TIMEOUT = 8000;
  var KEEP = 400;

  var own = /** @type {HTMLScriptElement} */ (document.currentScript);
  var base = own.getAttribute('data-base') || document.documentElement.getAttribute('data-base') || '';

  /** Payloads by name, the least recently used first. @type {Map<string, Promise<unknown>>} */
  var kept = new Map();
  /**
   * What scripts hand over, and to whom: by the tag, because two editions have files of the same name.
   * @type {Map<Element, {name: string, receive: (payload: unknown, sum?: number) => void}>}
   */
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

  /** An error that says which file, and how it failed: missing, damaged or slow. @param {string} path @param {string} how @returns {LoadError} */
  function fault(path, how) {
    var error = new Error(path + ': ' + how);
    return Object.assign(error, { path: path, how: how });
  }

  /**
   * Append a script; resolves once it has run.
   * @param {string} path
   * @param {HTMLScriptElement} tag
   * @returns {Promise<void>}
   */
  function run(path, tag) {
    return new Promise(function (resolve, reject) {
      var timer = setTimeout(function () { settle(fault(path, 'slow')); }, TIMEOUT);
      /** @param {LoadError | null} error */
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

  /** @param {string} path */
  function script(path) { return run(path, document.createElement('script')); }

  /** @param {string} path @param {string} name of the data file @returns {Promise<unknown>} */
  function read(path, name) {
    var tag = document.createElement('script');
    return new Promise(function (resolve, reject) {
      awaited.set(tag, { name: name, receive: function (payload, sum) {
        // What has a sum is packed into a text.
        if (sum !== undefined && checksum(String(payload)) !== sum) reject(fault(path, 'damaged'));
        else resolve(payload);
      } });
      run(path, tag).then(function () {
        awaited.delete(tag);
        // It ran, or had a syntax error, without handing anything over.
        reject(fault(path, 'damaged'));
      }, function (error) {
        awaited.delete(tag);
        reject(error);
      });
    });
  }

  /** @param {string} path relative to the site's root @returns {Promise<unknown>} */
  function load(path) {
    var found = kept.get(path);
    if (!found) {
      found = read(path, path.replace(/\.js$/, ''));
      found.catch(function () { kept.delete(path); });
    }
    kept.delete(path);
    kept.set(path, found);
    if (kept.size > KEEP) kept.delete(/** @type {string} */ (kept.keys().next().value));
    return found;
  }

  window.archiveData = function (name, payload, sum) {
    var tag = document.currentScript;
    var wanted = tag && awaited.get(tag);
    if (wanted && wanted.name === name) wanted.receive(payload, sum);
  };

  archive.loader = { base: base, load: load, read: read, script: script };
})();
