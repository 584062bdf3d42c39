/**
 * A page inside the shell of a touch screen: it says that it is there, asks the shell to move on, and reports that
 * somebody is present. Opened by itself it goes into the shell.
 */
(function () {
  'use strict';

  var own = /** @type {HTMLScriptElement} */ (document.currentScript);
  var base = own.getAttribute('data-base') || '';
  var QUIET = 1000;

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});

  if (window.top === window) {
    var root = new URL(base || './', location.href).href;
    location.replace(root + 'kiosk.html#' + encodeURIComponent(location.href.slice(root.length)));
    return;
  }

  /** @param {string} what @param {object} [more] */
  function say(what, more) { window.parent.postMessage(Object.assign({ kiosk: what }, more), '*'); }

  var told = 0;
  function here() {
    var now = Date.now();
    if (now - told < QUIET && now >= told) return;
    told = now;
    say('here');
  }
  ['pointerdown', 'pointermove', 'wheel', 'touchstart', 'scroll', 'keydown', 'input'].forEach(function (name) {
    document.addEventListener(name, here, { capture: true, passive: true });
  });

  // ---- where the reader is: the shell keeps it for the way back ----------------------------------------------

  var SETTLED = 150;
  var RETURN = 3000;
  var words = '';
  var many = 0;
  var settling = 0;

  function place() {
    clearTimeout(settling);
    say('place', { url: location.href, top: window.scrollY, words: words, many: many });
  }
  document.addEventListener('scroll', function () {
    clearTimeout(settling);
    settling = setTimeout(place, SETTLED);
  }, { passive: true });

  /** Go down to where the reader was, as soon as the page is long enough; a touch is a wish of its own. @param {number} top */
  function goBackTo(top) {
    var until = Date.now() + RETURN;
    var touched = false;
    document.addEventListener('pointerdown', function () { touched = true; }, { capture: true, once: true });
    function step() {
      if (touched) return;
      window.scrollTo(0, top);
      // Lists fold their filters a moment later and move what stands below: the place is held until then.
      if (Date.now() < until) setTimeout(step, 50);
    }
    step();
  }

  // ---- links ---------------------------------------------------------------------------------------------

  document.addEventListener('click', function (event) {
    var link = event.target instanceof Element ? event.target.closest('a[href], area[href]') : null;
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    var url = new URL(/** @type {HTMLAnchorElement} */ (link).href, location.href);
    if (link.hasAttribute('data-phone-close')) shut();
    else if (url.href.split('#')[0] === location.href.split('#')[0]) location.replace(url.hash || '#');
    else { place(); say('go', { url: url.href }); }
  });
  document.addEventListener('submit', function (event) { event.preventDefault(); });

  // ---- panels with QR codes: dialogs that one touch closes ---------------------------------------------------

  /** An anchor that nothing has: `#` alone would go to the top. */
  function shut() { location.replace('#-'); }

  document.addEventListener('click', function (event) {
    if (event.target instanceof Element && event.target.matches('[data-phone]')) shut();
  });

  // ---- films: watching is being there ------------------------------------------------------------------------

  document.querySelectorAll('video').forEach(function (film) {
    film.setAttribute('controlslist', 'nodownload nofullscreen noremoteplayback');
    film.disablePictureInPicture = true;
    film.addEventListener('timeupdate', function () { if (!film.paused && !film.ended) here(); });
    film.addEventListener('ended', function () { say('film', { id: location.pathname.slice(new URL(base || './', location.href).pathname.length) }); });
  });

  // ---- what the shell says -----------------------------------------------------------------------------------

  window.addEventListener('message', function (event) {
    if (event.source !== window.parent || !event.data || event.data.kiosk !== true) return;
    var message = /** @type {Kiosk.Order} */ (event.data);
    if (message.top !== undefined) location.replace('#' + message.top);
    if (message.top === '') window.scrollTo(0, 0);
    if (message.place) {
      words = message.place.words;
      many = message.place.many;
      if (words) document.dispatchEvent(new CustomEvent('kiosk:words', { detail: { words: words, many: many } }));
      goBackTo(message.place.top);
    }
    if (message.phone) { if (location.hash === '#qr-page') shut(); else location.replace('#qr-page'); }
    var volume = message.volume;
    if (volume !== undefined) document.querySelectorAll('video').forEach(function (film) { film.volume = /** @type {number} */ (volume); });
    if (message.large !== undefined && archive.view) archive.view.choose('large', message.large);
  });

  archive.kioskPage = {
    say: say,
    /** What is being searched for and how many are shown, to be there again after the way back. */
    keep: function (text, shown) { words = text; many = shown; place(); }
  };
  document.addEventListener('DOMContentLoaded', function () {
    say('hello', { url: location.href, phone: Boolean(document.getElementById('qr-page')) });
  });
})();
