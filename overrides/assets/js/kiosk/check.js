/**
 * Whether every file of an edition is there and whole: `archive.check.run(base, progress)` gives the names of those
 * that are not. Needs loader.js.
 *
 * A page may not read files on file://, but it is told whether what it loads works. Pages, scripts, styles and films
 * are written so that half of one does not (`kiosk/completeness.py`); of the rest only whether they are there can be told.
 */
(function () {
  'use strict';

  var archive = window.archive;

  var AT_ONCE = 8;
  var PATIENCE = 20000;
  var H264 = 'video/mp4; codecs="avc1.4d401f"';

  /**
   * Load something and take it away again.
   * @param {HTMLScriptElement | HTMLLinkElement} node
   * @param {Node} where
   * @param {() => boolean} proved asked once it has loaded
   * @returns {Promise<boolean>}
   */
  function loads(node, where, proved) {
    return new Promise(function (resolve) {
      /** @param {boolean} found */
      function done(found) {
        clearTimeout(timer);
        node.onload = node.onerror = null;
        var whole = found && proved();
        if (node.parentNode) node.parentNode.removeChild(node);
        resolve(whole);
      }
      var timer = setTimeout(function () { done(false); }, PATIENCE);
      node.onload = function () { done(true); };
      node.onerror = function () { done(false); };
      where.appendChild(node);
    });
  }

  function yes() { return true; }

  /** A page or a script: its last line says that it is whole, and nothing else of it runs. @param {string} url */
  function script(url) {
    var tag = document.createElement('script');
    tag.setAttribute('data-look', '');
    tag.src = url;
    return loads(tag, document.head, function () { return tag.getAttribute('data-look') === 'whole'; });
  }

  /** A style sheet, in a tree of its own: its last rule is for the look. @param {string} url */
  function style(url) {
    var host = document.createElement('div');
    var tree = host.attachShadow({ mode: 'open' });
    var mark = document.createElement('p');
    var tag = document.createElement('link');
    mark.className = 'kiosk-look';
    tag.rel = 'stylesheet';
    tag.href = url;
    tree.appendChild(mark);
    host.hidden = true;
    document.body.appendChild(host);
    return loads(tag, tree, function () {
      return getComputedStyle(mark).getPropertyValue('--whole').trim() === '1';
    }).then(function (whole) { host.remove(); return whole; });
  }

  /** A film: its index stands at the end, and tells how long it is. @param {string} url @returns {Promise<boolean>} */
  function film(url) {
    return new Promise(function (resolve) {
      var node = document.createElement('video');
      function done() {
        clearTimeout(timer);
        node.onloadedmetadata = node.onerror = null;
        var whole = node.readyState > 0 && node.duration > 0;
        node.removeAttribute('src');
        node.load();
        resolve(whole);
      }
      var timer = setTimeout(done, PATIENCE);
      node.preload = 'metadata';
      node.muted = true;
      node.onloadedmetadata = node.onerror = done;
      node.src = url;
    });
  }

  /** @param {string} url @returns {Promise<boolean>} */
  function picture(url) {
    return new Promise(function (resolve) {
      var node = new Image();
      node.onload = function () { resolve(true); };
      node.onerror = function () { resolve(false); };
      node.src = url;
    });
  }

  /** Anything: a style that is fetched in advance, and never used. @param {string} url */
  function file(url) {
    var link = document.createElement('link');
    link.rel = 'preload';
    link.as = 'style';
    link.href = url;
    return loads(link, document.head, yes);
  }

  /** By the end of the name. @type {Record<string, (url: string) => Promise<boolean>>} */
  var HOW = { html: script, js: script, css: style, mp4: film, svg: picture, png: picture, jpg: picture, jpeg: picture, webp: picture };

  /** @param {string} url @returns {Promise<boolean>} */
  function whole(url) {
    var kind = (/\.([a-z0-9]+)$/i.exec(url) || ['', ''])[1].toLowerCase();
    var how = Object.prototype.hasOwnProperty.call(HOW, kind) ? HOW[kind] : file;
    // A browser without the codec of films shows none; the edition is whole for all that.
    if (how === film && !document.createElement('video').canPlayType(H264)) how = file;
    return how(url + '?' + Date.now()); // a browser remembers what it found, and what it did not
  }

  /** The list that stands in the edition itself. @param {string} base */
  function list(base) {
    // A browser remembers what it found, and what it did not.
    return /** @type {Promise<string[]>} */ (archive.loader.read(base + 'zz-files.js?' + Date.now(), 'zz-files'));
  }

  /**
   * @param {string} base the edition's folder, ending in a slash
   * @param {(done: number, of: number) => void} [progress]
   * @returns {Promise<string[]>} files that are missing or not whole
   */
  function run(base, progress) {
    return list(base).then(function (paths) {
      /** @type {string[]} */
      var missing = [];
      var at = 0;
      var done = 0;
      /** @returns {Promise<void>} */
      function work() {
        if (at >= paths.length) return Promise.resolve();
        var path = paths[at++];
        return whole(base + path.split('/').map(encodeURIComponent).join('/')).then(function (found) {
          if (!found) missing.push(path);
          if (progress) progress(++done, paths.length);
          return work();
        });
      }
      var workers = [];
      for (var i = 0; i < AT_ONCE; i++) workers.push(work());
      return Promise.all(workers).then(function () { return missing; });
    });
  }

  archive.check = { run: run, list: list };
})();
