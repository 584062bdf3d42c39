/**
 * Dark and large-type views. Each is a stylesheet whose `media` this script opens or closes before the first paint.
 *
 * A choice is kept in localStorage. Where every file has a storage of its own, as in Firefox on file://, or there is
 * none, links within the site carry it on in their hash: page.html#view=large, page.html#steps&view=large,dark.
 */
(function () {
  'use strict';

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});
  if (archive.view) return;

  var KEY = 'archive-view';
  /** @type {ViewName[]} */
  var VIEWS = ['dark', 'large'];
  var IN_HASH = /(^#|&)view=([a-z,-]*)/;
  var byHash = location.protocol === 'file:';

  /** Chosen views: true, false, or undefined for what the system says. @type {{[name in ViewName]?: boolean}} */
  var chosen = {};

  /** @param {string} text names with commas between, as `written` gives them */
  function read(text) {
    var names = text.split(',');
    /** @type {{[name in ViewName]?: boolean}} */
    var found = {};
    VIEWS.forEach(function (name) {
      if (names.indexOf(name) >= 0) found[name] = true;
      if (names.indexOf('no-' + name) >= 0) found[name] = false;
    });
    return found;
  }

  function written() {
    return VIEWS.filter(function (name) { return chosen[name] !== undefined; })
      .map(function (name) { return chosen[name] ? name : 'no-' + name; }).join(',');
  }

  function remember() {
    try { localStorage.setItem(KEY, written()); } catch (error) { byHash = true; }
  }

  /** The view that an element is for. @param {Element} element */
  function named(element) { return /** @type {ViewName} */ (element.getAttribute('data-view')); }

  /** Whether a view is on. @param {ViewName} name @returns {boolean} */
  function shown(name) {
    var wish = chosen[name];
    if (wish !== undefined) return wish;
    return name === 'dark' && matchMedia('(prefers-color-scheme: dark)').matches;
  }

  function apply() {
    document.querySelectorAll('link[data-view]').forEach(function (link) {
      var name = named(link);
      var unsaid = name === 'dark' ? '(prefers-color-scheme: dark)' : 'not all';
      /** @type {HTMLLinkElement} */ (link).media = chosen[name] === undefined ? unsaid : chosen[name] ? 'all' : 'not all';
    });
    document.querySelectorAll('button[data-view]').forEach(function (button) {
      button.setAttribute('aria-pressed', String(shown(named(button))));
    });
  }

  /** An address within the site, with the chosen views in its hash where they would be lost. @param {string} address */
  function carry(address) {
    var view = written();
    var url = new URL(address, location.href);
    if (!byHash || !view || url.origin !== location.origin || url.protocol !== location.protocol) return address;
    var rest = url.hash.replace(IN_HASH, '').replace(/^#?&?/, '#');
    url.hash = (rest === '#' ? '' : rest + '&') + 'view=' + view;
    return url.href;
  }

  function start() {
    var kept = '';
    try { kept = localStorage.getItem(KEY) || ''; } catch (error) { byHash = true; }
    var brought = IN_HASH.exec(location.hash);
    chosen = read(brought ? brought[2] : kept);
    if (brought) {
      remember();
      var rest = location.hash.replace(IN_HASH, '').replace(/^#?&?/, '#');
      // replaceState alone would leave the browser at the top of a page asked for by its anchor.
      if (rest === '#') history.replaceState(null, '', location.href.split('#')[0]); else location.replace(rest);
    }
    apply();
  }

  function bind() {
    document.querySelectorAll('button[data-view]').forEach(function (button) {
      button.addEventListener('click', function () {
        var name = named(button);
        choose(name, !shown(name));
      });
    });
    apply();
  }

  /** @param {ViewName} name @param {boolean} on */
  function choose(name, on) {
    chosen[name] = on;
    remember();
    apply();
  }

  document.addEventListener('click', function (event) {
    var link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (!link || (link.getAttribute('href') || '').charAt(0) === '#' || link.hasAttribute('download')) return;
    var address = carry(/** @type {HTMLAnchorElement} */ (link).href);
    if (address !== /** @type {HTMLAnchorElement} */ (link).href) link.setAttribute('href', address);
  }, true);

  archive.view = { carry: carry, choose: choose };
  // Styles keep room for what scripts will fill, before the first paint.
  document.documentElement.classList.add('js');
  start();
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', bind); else bind();
})();
