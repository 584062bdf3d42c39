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

  var own = /** @type {Element} */ (document.currentScript);
  var base = own.getAttribute('data-base') || document.documentElement.getAttribute('data-base') || '';

  /** Payloads by path, the least recently used first. @type {Map<string, Promise<unknown>>} */
  var kept = new Map();
  /** Who waits for a script's payload, by its tag: two editions have files of one name. @type {WeakMap<Element, Window['archiveData']>} */
  var awaited = new WeakMap();

  /** The sum that `shards.py` writes beside packed payloads. @param {string} packed */
  function checksum(packed) {
    var sum = 0;
    for (var i = 0; i < packed.length; i++) {
      // Units below 2^15, weights below 2^12 + 2: the sum stays exact, far from 2^53.
      sum += (packed.charCodeAt(i)) * (((i + 1) & 0xfff) + 1);
    }
    return sum % 0x80000000;
  }

  /** @param {string} path @param {string} how missing, damaged or slow */
  function fault(path, how) {
    return Object.assign(new Error(path + ': ' + how), { path: path, how: how });
  }

  /** Append a script; resolves once it has run. @param {string} path @param {HTMLScriptElement} tag @returns {Promise<void>} */
  function run(path, tag) {
    return new Promise(function (resolve, reject) {
      var timer = setTimeout(function () { settle('slow'); }, TIMEOUT);
      /** @param {string} [how] it failed */
      function settle(how) {
        clearTimeout(timer);
        tag.onload = tag.onerror = null;
        tag.remove();
        if (how) reject(fault(path, how)); else resolve();
      }
      tag.onload = function () { settle(); };
      tag.onerror = function () { settle('missing'); };
      tag.src = base + path;
      document.head.appendChild(tag);
    });
  }

  /** @type {Loader['script']} */
  function script(path) { return run(path, document.createElement('script')); }

  /** @type {Loader['read']} */
  function read(path, name) {
    return new Promise(function (resolve, reject) {
      var tag = document.createElement('script');
      function damaged() { reject(fault(path, 'damaged')); }
      awaited.set(tag, function (given, payload, sum) {
        if (given !== name || (sum !== undefined && checksum(String(payload)) !== sum)) damaged();
        else resolve(payload);
      });
      // Once it has run it has handed over, or never will: it had a syntax error.
      run(path, tag).then(damaged, reject);
    });
  }

  /** @type {Loader['load']} */
  function load(path) {
    var found = kept.get(path);
    if (!found) {
      found = read(path, path.replace(/\.js$/, ''));
      found.catch(function () { kept.delete(path); });
    }
    kept.delete(path);
    kept.set(path, found);
    if (kept.size > KEEP) kept.delete(Array.from(kept.keys())[0]);
    return found;
  }

  window.archiveData = function (name, payload, sum) {
    var receive = document.currentScript && awaited.get(document.currentScript);
    if (receive) receive(name, payload, sum);
  };

  archive.loader = { base: base, load: load, read: read, script: script };
})();
